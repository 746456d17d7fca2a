using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OpenClaw.KernelTests;

/// <summary>
/// A socket by plain system calls. .NET's own socket sets SO_REUSEADDR before it binds and translates errors. The tests
/// need the kernel's answer to a plain call.
/// </summary>
sealed partial class RawSocket : IDisposable
{
    public const int EAGAIN = 11;
    public const int EADDRINUSE = 98;
    public const int EADDRNOTAVAIL = 99;

    const int AF_INET = 2;
    const int AF_INET6 = 10;
    const int IPPROTO_IP = 0;
    const int IPPROTO_IPV6 = 41;
    const int IP_BIND_ADDRESS_NO_PORT = 24;
    const int IP_LOCAL_PORT_RANGE = 51;
    const int IPV6_V6ONLY = 26;
    const int SOL_SOCKET = 1;
    const int SO_LINGER = 13;
    const int SOCK_CLOEXEC = 0x80000;

    readonly bool _isIPv6;
    readonly int _descriptor;
    bool _isClosed;

    RawSocket(int descriptor, bool isIPv6) => (_descriptor, _isIPv6) = (descriptor, isIPv6);

    /// <summary>Opens a socket in the namespace of the calling thread.</summary>
    public static RawSocket Open(SocketType type, bool isIPv6) =>
        new(
            Checked(socket(isIPv6 ? AF_INET6 : AF_INET, (type == SocketType.Stream ? 1 : 2) | SOCK_CLOEXEC, 0)),
            isIPv6
        );

    public bool IPv6Only
    {
        set => Set(IPPROTO_IPV6, IPV6_V6ONLY, value ? 1 : 0);
    }

    public bool BindAddressNoPort
    {
        set => Set(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, value ? 1 : 0);
    }

    /// <summary>
    /// Limits the ports that the kernel may assign to this socket, besides the sysctls (since Linux 6.3).
    /// </summary>
    public (ushort First, ushort Last) LocalPortRange
    {
        set => Set(IPPROTO_IP, IP_LOCAL_PORT_RANGE, value.First | (value.Last << 16));
    }

    public ushort LocalPort
    {
        get
        {
            Span<byte> name = stackalloc byte[28];
            var length = name.Length;
            _ = Checked(getsockname(_descriptor, name, ref length));
            return BinaryPrimitives.ReadUInt16BigEndian(name[2..]);
        }
    }

    /// <summary>Calls bind(); returns 0 or the error.</summary>
    public int Bind(IPAddress address, ushort port)
    {
        Span<byte> name = stackalloc byte[28];
        return bind(_descriptor, name, Name(address, port, name)) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Calls connect(); returns 0 or the error.</summary>
    public int Connect(IPAddress address, ushort port)
    {
        Span<byte> name = stackalloc byte[28];
        return connect(_descriptor, name, Name(address, port, name)) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    public void Listen() => Checked(listen(_descriptor, 4096));

    public RawSocket Accept() => new(Checked(accept4(_descriptor, 0, 0, SOCK_CLOEXEC)), _isIPv6);

    /// <summary>Closes with a reset, which leaves nothing behind.</summary>
    public void Abort()
    {
        _ = Checked(setsockopt(_descriptor, SOL_SOCKET, SO_LINGER, [1, 0], 8));
        Dispose();
    }

    public void Dispose()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        lock (ChildProcess.Forking)
            _ = close(_descriptor);
    }

    void Set(int level, int option, int value) => Checked(setsockopt(_descriptor, level, option, [value], 4));

    int Name(IPAddress address, ushort port, Span<byte> name)
    {
        name.Clear();
        BitConverter.TryWriteBytes(name, (ushort)(_isIPv6 ? AF_INET6 : AF_INET));
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], port);
        if (!_isIPv6)
        {
            address.TryWriteBytes(name[4..], out _);
            return 16;
        }

        var mapped = address.AddressFamily == AddressFamily.InterNetwork ? address.MapToIPv6() : address;
        mapped.TryWriteBytes(name[8..], out _);
        return 28;
    }

    static int Checked(int result) =>
        result >= 0
            ? result
            : throw new SocketException(Marshal.GetLastPInvokeError(), Marshal.GetLastPInvokeErrorMessage());

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int fd, Span<byte> name, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int fd, Span<byte> name, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(int fd, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int fd, nint name, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockname(int fd, Span<byte> name, ref int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int option, ReadOnlySpan<int> value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int fd);
}
