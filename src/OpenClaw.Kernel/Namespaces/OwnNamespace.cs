using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>Changes the network namespace of this process and its own limits. Only a demonstration does so.</summary>
public static class OwnNamespace
{
    /// <summary>Sets the loopback interface up (netdevice(7), SIOCSIFFLAGS). Returns null, or the error.</summary>
    public static Missing? SetLoopbackUp()
    {
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.InterNetwork,
            System.Net.Sockets.SocketType.Dgram,
            System.Net.Sockets.ProtocolType.Udp
        );
        using var handle = new SafeFileHandle(socket.Handle, ownsHandle: false);
        var request = new NetIf.ifreq { ifr_flags = NetIf.IFF_UP };
        "lo"u8.CopyTo(request.ifr_name);
        return NetIf.ioctl(handle, NetIf.SIOCSIFFLAGS, in request) == 0
            ? null
            : Missing.FromErrno(Marshal.GetLastPInvokeError(), "SIOCSIFFLAGS of lo", KernelCall.File);
    }

    /// <summary>Sets the soft limit on open files of this process (setrlimit(2)), up to the hard one.</summary>
    /// <param name="limit">The limit; null for the hard one.</param>
    public static void LimitOpenFiles(ulong? limit)
    {
        if (SysResource.getrlimit(SysResource.RLIMIT_NOFILE, out var limits) != 0)
            return;
        limits.rlim_cur = Math.Min(limit ?? limits.rlim_max, limits.rlim_max);
        _ = SysResource.setrlimit(SysResource.RLIMIT_NOFILE, in limits);
    }
}
