using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Netlink;

/// <summary>
/// A netlink socket of the opening thread's network namespace. An open socket keeps its namespace alive, so it is
/// closed after one request.
/// </summary>
sealed class NetlinkSocket : INetlinkTransport, IDisposable
{
    readonly SafeFileHandle _handle;
    readonly string _name;

    NetlinkSocket(SafeFileHandle handle, string name) => (_handle, _name) = (handle, name);

    /// <summary>Opens a NETLINK_SOCK_DIAG socket, which needs no capability.</summary>
    /// <param name="timeout">The limit on the wait of one receive. With no time left, the result is
    /// <see cref="Absence.TimedOut"/>.</param>
    public static Reading<NetlinkSocket> OpenSockDiag(TimeSpan timeout) =>
        Open(LinuxNetlink.NETLINK_SOCK_DIAG, "netlink sock_diag", timeout);

    /// <summary>Opens a NETLINK_ROUTE socket; reads need no capability.</summary>
    /// <inheritdoc cref="OpenSockDiag"/>
    public static Reading<NetlinkSocket> OpenRoute(TimeSpan timeout) =>
        Open(LinuxNetlink.NETLINK_ROUTE, "rtnetlink", timeout);

    /// <summary>Opens a NETLINK_NETFILTER socket. Every request over it needs CAP_NET_ADMIN in the namespace.</summary>
    /// <inheritdoc cref="OpenSockDiag"/>
    public static Reading<NetlinkSocket> OpenNetfilter(TimeSpan timeout) =>
        Open(LinuxNetlink.NETLINK_NETFILTER, "nfnetlink", timeout);

    static Reading<NetlinkSocket> Open(int protocol, string name, TimeSpan timeout)
    {
        // The kernel takes a receive timeout of 0 for no timeout.
        if (timeout <= TimeSpan.Zero)
            return new Missing(Absence.TimedOut, $"{name}: deadline passed before the request");

        var handle = SysSocket.open(SysSocket.AF_NETLINK, SysSocket.SOCK_RAW | SysSocket.SOCK_CLOEXEC, protocol);
        if (handle.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            return Refused(error, name, protocol);
        }

        var microseconds = (long)Math.Ceiling(timeout.TotalMicroseconds);
        var wait = new SysSocket.timeval { tv_sec = microseconds / 1_000_000, tv_usec = microseconds % 1_000_000 };
        if (
            SysSocket.setsockopt(
                handle,
                SysSocket.SOL_SOCKET,
                SysSocket.SO_RCVTIMEO,
                wait,
                (uint)Unsafe.SizeOf<SysSocket.timeval>()
            ) != 0
        )
        {
            var error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            return Missing.FromErrno(error, name, KernelCall.Netlink);
        }

        return new NetlinkSocket(handle, name);
    }

    /// <summary>
    /// Returns the reason for a refused socket. It needs no capability (netlink_create in net/netlink/af_netlink.c), so
    /// a filter refused it. Every kernel with a network has rtnetlink, so a filter hides it where it is missing.
    /// </summary>
    static Missing Refused(int error, string name, int protocol)
    {
        var missing = Missing.FromErrno(error, name, KernelCall.Netlink);
        return missing.Reason switch
        {
            Absence.NotPermitted => missing with
            {
                Detail = $"{missing.Detail}; a filter of system calls or a security module refuses it",
                IsFiltered = true,
            },
            Absence.NotPresent when protocol == LinuxNetlink.NETLINK_ROUTE => ProcMount.NotAsEverywhere(missing),
            _ => missing,
        };
    }

    public Missing? Send(ReadOnlySpan<byte> request)
    {
        var kernel = new LinuxNetlink.sockaddr_nl { nl_family = SysSocket.AF_NETLINK };
        return
            SysSocket.sendto(
                _handle,
                request,
                request.Length,
                0,
                kernel,
                (uint)Unsafe.SizeOf<LinuxNetlink.sockaddr_nl>()
            ) < 0
            ? Missing.FromErrno(Marshal.GetLastPInvokeError(), _name, KernelCall.Netlink)
            : null;
    }

    public Reading<int> Receive(Span<byte> buffer)
    {
        while (true)
        {
            var length = (uint)Unsafe.SizeOf<LinuxNetlink.sockaddr_nl>();
            var count = SysSocket.recvfrom(
                _handle,
                buffer,
                buffer.Length,
                SysSocket.MSG_TRUNC,
                out var sender,
                ref length
            );
            if (count < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error == Errno.EINTR)
                    continue;
                return Missing.FromErrno(error, _name, KernelCall.Netlink);
            }

            // Any process may send to a netlink port; only port 0 is the kernel.
            if (sender.nl_pid == 0)
                return (int)count;
        }
    }

    public void Dispose() => _handle.Dispose();
}
