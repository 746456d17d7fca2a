using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Hosts;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Neighbours;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Refusals;
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

    /// <summary>The used part from which holders are searched, unless the caller has another.</summary>
    const double NearlyFull = 0.75;

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
    /// <param name="nearlyFull">The used part of ports and queues, between 0 and 1, from which their holders are
    /// searched.</param>
    /// <param name="searchesBeside">True to search the holders on a thread beside the snapshots. Each snapshot has
    /// those of the last search, and none waits.</param>
    /// <param name="ownProcessesOnly">True to leave out the processes of other network namespaces.</param>
    public static ImmutableArray<Reader> All(
        ProcMount proc,
        Regex watch,
        int worst,
        string root = "/",
        NamespaceSelection? namespaces = null,
        string sysfs = CgroupMount.Sysfs,
        ServicePortList? servicePorts = null,
        double nearlyFull = NearlyFull,
        bool searchesBeside = false,
        bool ownProcessesOnly = false
    ) =>
        All(
            proc,
            watch,
            worst,
            root,
            OpenSockDiag,
            namespaces,
            sysfs,
            servicePorts: servicePorts,
            nearlyFull: nearlyFull,
            tcpWalk: new(() => TcpWalkProgram.Attach(Path.Combine(sysfs, Btf.File))),
            udpWalk: new(() => UdpWalkProgram.Attach(Path.Combine(sysfs, Btf.File))),
            lane: searchesBeside ? new() : null,
            ownProcessesOnly: ownProcessesOnly
        );

    /// <summary>
    /// Returns the reader that opens a socket as a test, in the network namespace it runs in. All other readers wait
    /// until it is done.
    /// </summary>
    public static Reader AllocationProbe() => new AllocationProbeReader(OpenRoute);

    /// <summary>
    /// Returns the same readers, after it began beside the caller what their first snapshot would wait for.
    /// </summary>
    public static ImmutableArray<Reader> Prepared(this ImmutableArray<Reader> readers)
    {
        foreach (var reader in readers)
            reader.Prepare();
        return readers;
    }

    /// <summary>
    /// Returns the readers with a reader of refused calls that takes those which another process has counted.
    /// </summary>
    /// <param name="readers">The readers. Without a reader of refused calls, they stay the same.</param>
    /// <param name="refused">The refused calls, by the inode of the network namespace.</param>
    /// <param name="bootId">The start of the kernel that they were counted on.</param>
    public static ImmutableArray<Reader> WithCounted(
        this ImmutableArray<Reader> readers,
        IReadOnlyDictionary<ulong, RefusedConnects> refused,
        string bootId
    ) =>
        readers.FirstOrDefault(static reader => reader is RefusedConnectsReader) is { } own
            ? readers.Replace(own, new CountedRefusalsReader(refused, bootId))
            : readers;

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
        ServicePortList? servicePorts = null,
        double nearlyFull = NearlyFull,
        Lazy<Reading<TcpWalkProgram>>? tcpWalk = null,
        Lazy<Reading<UdpWalkProgram>>? udpWalk = null,
        HolderLane? lane = null,
        bool ownProcessesOnly = false
    )
    {
        // All network namespaces share each program. This one is loaded when the processes of many sockets are searched
        // first.
        var taskFiles = new Lazy<Reading<TaskFileProgram>>(() => TaskFileProgram.Attach(Path.Combine(sysfs, Btf.File)));
        return Checked([
            .. NamespaceReaders.Inside(
                proc,
                worst,
                openSockDiag,
                openNetfilter ?? OpenNetfilter,
                servicePorts,
                nearlyFull,
                taskFiles,
                tcpWalk,
                udpWalk,
                lane
            ),
            new FunctionReader<HostIdentity>("host", HostIdentity.Files, _ => HostIdentity.Read(proc, root)),
            new FunctionReader<FileNr>("file_nr", "/proc/" + FileNr.File, _ => FileNr.Read(proc))
            {
                Cost = ReaderCost.Constant,
            },
            new NeighbourTablesReader(proc, openRoute ?? OpenRoute, wholeHost: namespaces is not null),
            new SoftnetReader(proc),
            new KernelLogReader(proc, BootClock.Instance),
            new PersistedSysctlsReader(proc, root, Sysctls),
            new ProcessTableReader(proc, watch, TimeProvider.System, ownProcessesOnly)
            {
                Cost = ReaderCost.Large,
                Patience = TimeSpan.MaxValue,
            },
            new RefusedConnectsReader(proc, worst, BootClock.Instance, () =>
                RefusedConnectProgram.Attach(Path.Combine(sysfs, Btf.File))
            ),
            new CgroupPathsReader(proc, worst, sysfs),
            new WatchedDescriptorsReader(proc, TimeProvider.System),
            new DescriptorGrowthReader(proc, TimeProvider.System),
            new WatchedCgroupsReader(proc, sysfs),
            new NetworkNamespacesReader(proc, root, wholeHost: namespaces is not null, BootClock.Instance),
            new ContainerNamesReader(new(proc, root, TimeProvider.System)),
            .. namespaces is null
                ? []
                : new Reader[]
                {
                    new NamespaceSnapshotsReader(
                        proc,
                        namespaces,
                        NamespaceReaders.Inside(
                            proc,
                            worst,
                            openSockDiag,
                            openNetfilter ?? OpenNetfilter,
                            servicePorts?.WithoutFound,
                            nearlyFull,
                            taskFiles,
                            tcpWalk,
                            udpWalk,
                            lane
                        ),
                        NamespaceReaders.FromOutside
                    )
                    {
                        Cost = ReaderCost.Large,
                        Patience = TimeSpan.MaxValue,
                    },
                },
        ]);
    }

    /// <summary>
    /// Returns the readers. Throws <see cref="InvalidOperationException"/> where one needs a value that no reader has.
    /// </summary>
    static ImmutableArray<Reader> Checked(ImmutableArray<Reader> readers) =>
        new ReaderOrder(readers).Gaps.FirstOrDefault() is { } gap
            ? throw new InvalidOperationException($"no reader has the value {gap.Name}, which another needs")
            : readers;

    static Reading<INetlinkTransport> OpenSockDiag(TimeSpan timeout) =>
        NetlinkSocket.OpenSockDiag(timeout).Select<INetlinkTransport>(static socket => socket);

    static Reading<INetlinkTransport> OpenNetfilter(TimeSpan timeout) =>
        NetlinkSocket.OpenNetfilter(timeout).Select<INetlinkTransport>(static socket => socket);

    internal static Reading<INetlinkTransport> OpenRoute(TimeSpan timeout) =>
        NetlinkSocket.OpenRoute(timeout).Select<INetlinkTransport>(static socket => socket);
}
