using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Counters;
using OpenClaw.Kernel.Hosts;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Neighbours;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Sysctls;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel;

/// <summary>The lists of readers.</summary>
public static class KernelReaders
{
    /// <summary>The sysctls that limit what the readers count. A restart of the machine may change them.</summary>
    public static ImmutableArray<string> Sysctls { get; } =
    [
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.netfilter.nf_conntrack_max",
        "fs.file-max",
        "net.ipv4.tcp_max_tw_buckets",
        "net.core.somaxconn",
        "net.ipv4.tcp_max_orphans",
        "net.ipv4.neigh.default.gc_thresh3",
        "net.ipv6.neigh.default.gc_thresh3",
        "net.ipv4.tcp_mem",
        "net.ipv4.udp_mem",
    ];

    /// <summary>Returns a reader for everything that this library can read.</summary>
    /// <param name="proc">The mounted procfs.</param>
    /// <param name="watch">Selects the processes whose descriptors are always shown. It is matched against the name and
    /// the whole command line.</param>
    /// <param name="worst">The number of destinations and addresses that are kept by name.</param>
    /// <param name="root">The mount point of the machine's root file system, for its configuration.</param>
    /// <param name="namespaces">The network namespaces to read besides the exporter's own; null to read no
    /// others.</param>
    /// <param name="sysfs">The mount point of sysfs.</param>
    /// <param name="servicePorts">The ports of known services, whose sockets are kept.</param>
    public static ImmutableArray<Reader> All(
        ProcMount proc,
        Regex watch,
        int worst,
        string root = "/",
        NamespaceSelection? namespaces = null,
        string sysfs = CgroupMount.Sysfs,
        ServicePortList? servicePorts = null
    ) => All(proc, watch, worst, root, OpenSockDiag, namespaces, sysfs, servicePorts: servicePorts);

    /// <summary>
    /// Returns the reader that opens a socket as a test, in the network namespace it runs in. All other readers wait
    /// until it is done.
    /// </summary>
    public static Reader AllocationProbe() => new AllocationProbeReader(OpenRoute);

    internal static ImmutableArray<Reader> All(
        ProcMount proc,
        Regex watch,
        int worst,
        string root,
        Func<TimeSpan, Reading<INetlinkTransport>> openSockDiag,
        NamespaceSelection? namespaces = null,
        string sysfs = CgroupMount.Sysfs,
        Func<TimeSpan, Reading<INetlinkTransport>>? openRoute = null,
        Func<TimeSpan, Reading<INetlinkTransport>>? openNetfilter = null,
        ServicePortList? servicePorts = null
    ) =>
        Checked([
            .. OfNamespace(proc, worst, openSockDiag, openNetfilter ?? OpenNetfilter, servicePorts),
            new FunctionReader<HostIdentity>("host", HostIdentity.Files, _ => HostIdentity.Read(proc, root)),
            new FunctionReader<FileNr>("file_nr", "/proc/" + FileNr.File, _ => FileNr.Read(proc))
            {
                Cost = ReaderCost.Constant,
            },
            new NeighbourTablesReader(proc, openRoute ?? OpenRoute, wholeHost: namespaces is not null),
            new SoftnetReader(proc),
            new KernelLogReader(proc, TimeProvider.System),
            new PersistedSysctlsReader(proc, root, Sysctls),
            new ProcessTableReader(proc, watch, TimeProvider.System)
            {
                Cost = ReaderCost.Large,
                Patience = TimeSpan.MaxValue,
            },
            new CgroupPathsReader(proc, worst, sysfs),
            new WatchedDescriptorsReader(proc, TimeProvider.System),
            new DescriptorGrowthReader(proc, TimeProvider.System),
            new WatchedCgroupsReader(proc, sysfs),
            new NetworkNamespacesReader(proc, root, wholeHost: namespaces is not null, TimeProvider.System),
            new ContainerNamesReader(new(proc, root, TimeProvider.System)),
            .. namespaces is null
                ? []
                : new Reader[]
                {
                    new NamespaceSnapshotsReader(
                        proc,
                        namespaces,
                        OfNamespace(
                            proc,
                            worst,
                            openSockDiag,
                            openNetfilter ?? OpenNetfilter,
                            servicePorts?.WithoutFound
                        ),
                        FromOutside
                    )
                    {
                        Cost = ReaderCost.Large,
                        Patience = TimeSpan.MaxValue,
                    },
                },
        ]);

    /// <summary>
    /// Returns the readers. Throws <see cref="InvalidOperationException"/> where one needs a value that no reader has.
    /// </summary>
    static ImmutableArray<Reader> Checked(ImmutableArray<Reader> readers) =>
        new ReaderOrder(readers).Gaps.FirstOrDefault() is { } gap
            ? throw new InvalidOperationException($"no reader has the value {gap.Name}, which another needs")
            : readers;

    /// <summary>
    /// Returns the readers of values that each network namespace has. They read the namespace of the calling thread.
    /// </summary>
    static ImmutableArray<Reader> OfNamespace(
        ProcMount proc,
        int worst,
        Func<TimeSpan, Reading<INetlinkTransport>> openSockDiag,
        Func<TimeSpan, Reading<INetlinkTransport>> openNetfilter,
        ServicePortList? servicePorts
    ) =>
        [
            new FunctionReader<EphemeralPortSettings>(
                "ephemeral_port_settings",
                "/proc/sys/net/ipv4/ip_local_*, tcp_tw_reuse*, tcp_timestamps",
                _ => EphemeralPortSettings.Read(proc)
            ),
            SocketReaders.Tcp(proc, openSockDiag, worst, servicePorts),
            new ServicePortHoldersReader(proc) { Cost = ReaderCost.Large, Patience = TimeSpan.MaxValue },
            SocketReaders.Udp(proc, openSockDiag, worst),
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
            new TranslatedPortsReader(proc, openNetfilter, TimeProvider.System)
            {
                Cost = ReaderCost.Large,
                Patience = TimeSpan.MaxValue,
            },
            .. OfFiles(proc),
            new NetworkInterfacesReader(OpenRoute),
            new BridgeForwardingReader(OpenRoute),
            new TrafficQueuesReader(OpenRoute),
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
    internal static ImmutableArray<Reader> FromOutside(ProcMount proc, int pid)
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
            new FunctionReader<TranslatedPorts>(
                "translated_ports",
                "ctnetlink, IPCTNL_MSG_CT_GET",
                static _ => new Missing(
                    Absence.NotAsked,
                    "source ports are counted only in a namespace that can be entered"
                )
            ),
        ];
    }

    static Reading<INetlinkTransport> OpenSockDiag(TimeSpan timeout) =>
        NetlinkSocket.OpenSockDiag(timeout).Select<INetlinkTransport>(static socket => socket);

    static Reading<INetlinkTransport> OpenNetfilter(TimeSpan timeout) =>
        NetlinkSocket.OpenNetfilter(timeout).Select<INetlinkTransport>(static socket => socket);

    static Reading<INetlinkTransport> OpenRoute(TimeSpan timeout) =>
        NetlinkSocket.OpenRoute(timeout).Select<INetlinkTransport>(static socket => socket);
}
