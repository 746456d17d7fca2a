using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Procfs;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Kernel;

/// <summary>The list of readers.</summary>
public static class KernelReaders
{
    /// <summary>Everything this library can read.</summary>
    /// <param name="proc">The mounted procfs.</param>
    /// <param name="watch">Processes whose descriptors are always shown, by name and whole command line.</param>
    /// <param name="worst">How many destinations and addresses are kept by name.</param>
    /// <param name="root">Where the file system of the machine is mounted, for its configuration.</param>
    public static ImmutableArray<Reader> All(ProcMount proc, Regex watch, int worst, string root = "/") =>
        All(proc, watch, worst, root, static timeout => NetlinkSocket.OpenSockDiag(timeout).Select<INetlinkTransport>(static socket => socket));

    internal static ImmutableArray<Reader> All(
        ProcMount proc, Regex watch, int worst, string root, Func<TimeSpan, Reading<INetlinkTransport>> openSockDiag) =>
    [
        new FunctionReader<EphemeralPortSettings>(
            "ephemeral_port_settings", "/proc/sys/net/ipv4/ip_local_*, tcp_tw_reuse*, tcp_timestamps", () => EphemeralPortSettings.Read(proc)),
        new TcpSocketsReader(openSockDiag, worst),
        new UdpSocketsReader(openSockDiag, worst),
        new FunctionReader<ConntrackTable>(
            "conntrack", "/proc/" + ConntrackTable.CountFile + ", nf_conntrack_max",
            () => ConntrackTable.Read(proc), static table => table.Maximum.Missing)
        {
            IsConstantTime = true,
        },
        new FunctionReader<FileNr>("file_nr", "/proc/" + FileNr.File, () => proc.Read(FileNr.File, FileNr.Parse))
        {
            IsConstantTime = true,
        },
        new ProcessTableReader(proc, watch),

        new NetworkInterfacesReader(OpenRoute),
        new BridgeForwardingReader(OpenRoute),
        new NetworkNamespacesReader(proc),
        new TrafficQueuesReader(OpenRoute),

        new CgroupPathsReader(proc, worst),
        new WatchedDescriptorsReader(proc),
        new DescriptorGrowthReader(proc, TimeProvider.System),
        new PersistedSysctlsReader(proc, root),
        new WatchedCgroupsReader(proc),
    ];

    static Reading<INetlinkTransport> OpenRoute(TimeSpan timeout) =>
        NetlinkSocket.OpenRoute(timeout).Select<INetlinkTransport>(static socket => socket);
}
