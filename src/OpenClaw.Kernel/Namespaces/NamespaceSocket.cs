using System.Globalization;
using System.Net.Sockets;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>Opens sockets in other network namespaces. An open socket keeps its namespace alive.</summary>
public static class NamespaceSocket
{
    /// <summary>
    /// Opens a TCP socket in the network namespace of a process. It stays in that namespace on every thread. Missing
    /// where the namespace may not be entered, or the process is in another one by now.
    /// </summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="pid">The process.</param>
    /// <param name="netns">Its network namespace.</param>
    /// <param name="family">The address family.</param>
    public static Reading<Socket> OpenTcp(ProcMount proc, int pid, NetworkNamespace netns, AddressFamily family)
    {
        var path = proc.PathOf(string.Create(CultureInfo.InvariantCulture, $"{pid}/ns/net"));
        return NamespaceThread.Run(() =>
            NamespaceThread.Enter(path, Sched.CLONE_NEWNET, netns.Identity) is { } missing
                ? missing
                : (Reading<Socket>)new Socket(family, SocketType.Stream, ProtocolType.Tcp)
        );
    }
}
