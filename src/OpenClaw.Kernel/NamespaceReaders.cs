using System.Collections.Immutable;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Counters;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel;

/// <summary>The lists of readers of values that each network namespace has.</summary>
static class NamespaceReaders
{
    static readonly Missing NotEntered = new(
        Absence.NotAsked,
        "tracked connections are counted only in a namespace that can be entered"
    );

    /// <summary>
    /// Returns the readers of values that each network namespace has. They read the namespace of the calling thread.
    /// </summary>
    public static ImmutableArray<Reader> Inside(
        ProcMount proc,
        int worst,
        Func<TimeSpan, Reading<INetlinkTransport>> openSockDiag,
        Func<TimeSpan, Reading<INetlinkTransport>> openNetfilter,
        ServicePortList? servicePorts,
        double nearlyFull,
        Lazy<Reading<TaskFileProgram>> taskFiles,
        Lazy<Reading<TcpWalkProgram>>? tcpWalk,
        Lazy<Reading<UdpWalkProgram>>? udpWalk,
        HolderLane? lane
    ) =>
        [
            new FunctionReader<EphemeralPortSettings>(
                "ephemeral_port_settings",
                "/proc/sys/net/ipv4/ip_local_*, tcp_tw_reuse*, tcp_timestamps",
                _ => EphemeralPortSettings.Read(proc)
            )
            {
                Cost = ReaderCost.Constant,
            },
            SocketReaders.Tcp(proc, openSockDiag, worst, servicePorts, tcpWalk),
            new ServicePortHoldersReader(proc) { Cost = ReaderCost.Large, Patience = TimeSpan.MaxValue },
            SocketReaders.Udp(proc, openSockDiag, worst, udpWalk),
            new NamespaceHoldersReader(proc, openSockDiag, nearlyFull, taskFiles, lane, TimeProvider.System)
            {
                Cost = ReaderCost.Large,
                Patience = TimeSpan.MaxValue,
            },
            new FunctionReader<ConntrackTable>(
                "conntrack",
                "/proc/" + ConntrackTable.CountFile + ", nf_conntrack_max",
                _ => ConntrackTable.Read(proc),
                static table => table.Maximum.Missing
            )
            {
                Cost = ReaderCost.Constant,
            },
            new FunctionReader<SocketLimits>(
                "socket_limits",
                SocketLimits.Files,
                sampling => SocketLimits.Read(proc, isChild: sampling.Get<ChildNamespace>().TryGet(out _)),
                static limits => limits.Missing
            )
            {
                Cost = ReaderCost.Constant,
            },
            new SourcesReader<ConntrackFailures>(
                "conntrack_failures",
                new("/proc/net/stat/nf_conntrack", _ => proc.Read(ConntrackFailures.File, ConntrackFailures.Parse)),
                // Without the count there is no connection tracking, and a request would load its module.
                new(CtnetlinkStats.Source, sampling =>
                    proc.ReadInteger(ConntrackTable.CountFile)
                        .Then(_ => CtnetlinkStats.Read(openNetfilter, sampling.Deadline))
                )
            ),
            new TrackedConnectionsReader(proc, openNetfilter, TimeProvider.System)
            {
                Cost = ReaderCost.Large,
                Patience = TimeSpan.MaxValue,
            },
            .. OfFiles(proc),
            new NetworkInterfacesReader(KernelReaders.OpenRoute),
            new BridgeForwardingReader(KernelReaders.OpenRoute),
            new TrafficQueuesReader(KernelReaders.OpenRoute),
        ];

    /// <summary>
    /// Returns the readers of files below /proc/PID/net. These files show the namespace of that process, also to a
    /// reader outside it.
    /// </summary>
    static IEnumerable<Reader> OfFiles(ProcMount proc) =>
        [
            new FunctionReader<Sockstat>("sockstat", "/proc/net/sockstat", _ =>
                proc.ReadEverywhere(Sockstat.File, Sockstat.Parse)
            )
            {
                Cost = ReaderCost.Constant,
            },
            new FunctionReader<TcpExtCounters>("tcp_counters", "/proc/net/netstat", _ =>
                proc.ReadEverywhere(TcpExtCounters.File, TcpExtCounters.Parse)
            ),
            new FunctionReader<UdpCounters>("udp_counters", "/proc/net/snmp", _ =>
                proc.ReadEverywhere(UdpCounters.File, UdpCounters.Parse)
            ),
            new FunctionReader<IPv6Counters>("ipv6_counters", "/proc/net/snmp6", _ =>
                proc.Read(IPv6Counters.File, IPv6Counters.Parse)
            ),
            new FunctionReader<InterfaceDrops>("interface_drops", "/proc/net/dev", _ =>
                proc.ReadEverywhere(InterfaceDrops.File, InterfaceDrops.Parse)
            ),
        ];

    /// <summary>
    /// Returns the readers that read a process's namespace without entering it, and so without any capability.
    /// </summary>
    public static ImmutableArray<Reader> FromOutside(ProcMount proc, int pid)
    {
        var outside = proc.AsSeenBy(pid);
        return
        [
            .. OfFiles(outside),
            new FunctionReader<ConntrackFailures>("conntrack_failures", "/proc/PID/net/stat/nf_conntrack", _ =>
                outside.Read(ConntrackFailures.File, ConntrackFailures.Parse)
            ),
            new FunctionReader<ConntrackTable>("conntrack", "/proc/PID/net/stat/nf_conntrack, nf_conntrack_max", _ =>
                ConntrackTable.ReadFromOutside(outside)
            ),
            new FunctionReader<TrackedConnections>("tracked_connections", TrackedConnectionsReader.Files, static _ =>
                NotEntered
            ),
        ];
    }
}
