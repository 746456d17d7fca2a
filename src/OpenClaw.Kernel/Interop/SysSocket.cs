using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>sys/socket.h</summary>
static partial class SysSocket
{
    public const int AF_UNSPEC = 0;
    public const int AF_INET = 2;
    public const int AF_BRIDGE = 7;
    public const int AF_INET6 = 10;
    public const int AF_NETLINK = 16;
    public const int SOCK_STREAM = 1;
    public const int SOCK_DGRAM = 2;
    public const int SOCK_RAW = 3;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOL_SOCKET = 1;
    public const int SO_ERROR = 4;
    public const int SO_LINGER = 13;
    public const int SO_RCVTIMEO = 20;
    public const int MSG_TRUNC = 0x20;
    public const int IPPROTO_TCP = 6;
    public const int IPPROTO_UDP = 17;

    /// <summary>struct timeval with 64-bit members, as on every 64-bit Linux.</summary>
    public struct timeval
    {
        public long tv_sec;
        public long tv_usec;
    }

    /// <summary>struct linger</summary>
    public struct linger
    {
        public int l_onoff;
        public int l_linger;
    }

    // int socket(int domain, int type, int protocol);
    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial SafeFileHandle open(int domain, int type, int protocol);

    // int setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(SafeFileHandle fd, int level, int optname, in timeval optval, uint optlen);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(SafeFileHandle fd, int level, int optname, in linger optval, uint optlen);

    // int getsockopt(int fd, int level, int optname, void *optval, socklen_t *optlen);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockopt(SafeFileHandle fd, int level, int optname, out int optval, ref uint optlen);

    // int bind(int fd, const struct sockaddr *addr, socklen_t len);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(SafeFileHandle fd, in NetinetIn.sockaddr_in addr, uint len);

    // int connect(int fd, const struct sockaddr *addr, socklen_t len);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int connect(SafeFileHandle fd, in NetinetIn.sockaddr_in addr, uint len);

    // int listen(int fd, int n);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int listen(SafeFileHandle fd, int n);

    // int getsockname(int fd, struct sockaddr *addr, socklen_t *len);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockname(SafeFileHandle fd, out NetinetIn.sockaddr_in addr, ref uint len);

    // ssize_t sendto(int fd, const void *buf, size_t n, int flags, const struct sockaddr *addr, socklen_t addr_len);
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendto(
        SafeFileHandle fd,
        ReadOnlySpan<byte> buf,
        nint n,
        int flags,
        in LinuxNetlink.sockaddr_nl addr,
        uint addr_len
    );

    // ssize_t recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *addr, socklen_t *addr_len);
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recvfrom(
        SafeFileHandle fd,
        Span<byte> buf,
        nint n,
        int flags,
        out LinuxNetlink.sockaddr_nl addr,
        ref uint addr_len
    );
}
