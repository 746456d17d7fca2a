using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Probe;

/// <summary>
/// A socket of the probe. It never waits in a call and leaves no TIME_WAIT. Each call returns 0 or the errno value.
/// </summary>
sealed class ProbeSocket : IDisposable
{
    static readonly uint NameLength = (uint)Unsafe.SizeOf<NetinetIn.sockaddr_in>();

    readonly SafeFileHandle _handle;

    ProbeSocket(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens a socket. Returns null, with the error, on failure.</summary>
    public static ProbeSocket? Open(int type, out int error)
    {
        var handle = SysSocket.open(SysSocket.AF_INET, type | SysSocket.SOCK_NONBLOCK | SysSocket.SOCK_CLOEXEC, 0);
        error = handle.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
        if (error == 0)
            return new(handle);
        handle.Dispose();
        return null;
    }

    /// <summary>Calls bind() to port 0 of 127.0.0.1.</summary>
    public int BindToAnyPort() => ErrorOf(SysSocket.bind(_handle, Loopback(0), NameLength));

    public int Listen() => ErrorOf(SysSocket.listen(_handle, 1));

    /// <summary>
    /// Calls connect() to a listener. The connection enters the accept queue; no accept() is necessary.
    /// </summary>
    public int Connect(ProbeSocket listener, TimeSpan timeout)
    {
        var length = NameLength;
        if (SysSocket.getsockname(listener._handle, out var name, ref length) != 0)
            return Marshal.GetLastPInvokeError();

        // A reset removes the connection at once. Otherwise it would last until the listener's end is closed.
        var abort = new SysSocket.linger { l_onoff = 1, l_linger = 0 };
        if (
            SysSocket.setsockopt(
                _handle,
                SysSocket.SOL_SOCKET,
                SysSocket.SO_LINGER,
                abort,
                (uint)Unsafe.SizeOf<SysSocket.linger>()
            ) != 0
        )
        {
            return Marshal.GetLastPInvokeError();
        }

        return ErrorOf(SysSocket.connect(_handle, name, NameLength)) is var error and not Errno.EINPROGRESS
            ? error
            : Outcome(timeout);
    }

    public void Dispose() => _handle.Dispose();

    int Outcome(TimeSpan timeout)
    {
        var start = Stopwatch.GetTimestamp();
        while (timeout - Stopwatch.GetElapsedTime(start) is var left && left > TimeSpan.Zero)
        {
            var poll = new Poll.pollfd { fd = (int)_handle.DangerousGetHandle(), events = Poll.POLLOUT };
            var count = Poll.poll(ref poll, 1, (int)Math.Ceiling(left.TotalMilliseconds));
            if (count < 0 && Marshal.GetLastPInvokeError() is var failure and not Errno.EINTR)
                return failure;
            var length = (uint)sizeof(int);
            if (count > 0)
            {
                return
                    SysSocket.getsockopt(_handle, SysSocket.SOL_SOCKET, SysSocket.SO_ERROR, out var error, ref length)
                    != 0
                    ? Marshal.GetLastPInvokeError()
                    : error;
            }
        }

        return Errno.ETIMEDOUT;
    }

    static NetinetIn.sockaddr_in Loopback(ushort port) =>
        new()
        {
            sin_family = SysSocket.AF_INET,
            sin_port = BinaryPrimitives.ReverseEndianness(port),
            sin_addr = BinaryPrimitives.ReverseEndianness(NetinetIn.INADDR_LOOPBACK),
        };

    static int ErrorOf(int result) => result == 0 ? 0 : Marshal.GetLastPInvokeError();
}
