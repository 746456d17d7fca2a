using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Probe;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>An alert about a failure that a symptom shows, whatever the use of any pool.</summary>
/// <param name="Name">The name in metrics.</param>
/// <param name="Severity">The severity, whatever the pools show.</param>
/// <param name="Code">The OpenClaw error code of the failure.</param>
/// <param name="Headline">The failure in one clause, without labels.</param>
/// <param name="Advice">The action to take, as sentences.</param>
/// <param name="Causes">The pools that explain it when they are full.</param>
sealed record Alert(
    string Name,
    PoolCondition Severity,
    string Code,
    string Headline,
    string Advice,
    params ImmutableArray<Pool> Causes
)
{
    /// <summary>The name of the alerting rule that reports it, and of its runbook.</summary>
    public string RuleName
    {
        get => field ?? "OpenClaw" + Capitalised(Name);
        init;
    }

    public static Alert ListenOverflows { get; } =
        new(
            "listen_overflows",
            PoolCondition.Critical,
            ClwCodes.ConnectionTimeout,
            "a full accept queue turns clients away",
            "A listener accepts too slowly and its clients time out: ss -ltn shows which by its Recv-Q.",
            PoolCatalogue.AcceptQueueConnections
        );

    public static Alert ListenDrops { get; } =
        ListenOverflows with
        {
            Name = "listen_drops",
            Severity = PoolCondition.Warning,
            Headline = "a listener drops connections",
        };

    public static Alert SynQueueFull { get; } =
        new(
            "syn_queue_full",
            PoolCondition.Warning,
            ClwCodes.ConnectionTimeout,
            "more connections are begun than a listener can take",
            "More clients begin connections than finish them, by a flood or a burst: ss -tn state syn-recv "
                + "shows to which listener. "
                + "net.ipv4.tcp_max_syn_backlog and the listener's backlog bound the queue.",
            PoolCatalogue.AcceptQueueConnections
        );

    public static Alert TimeWaitOverflows { get; } =
        new(
            "time_wait_overflows",
            PoolCondition.Warning,
            ClwCodes.NetworkExhausted,
            "connections are closed without TIME_WAIT",
            "Connections are closed without TIME_WAIT, so that late packets can reach new ones: reuse "
                + "connections, or raise net.ipv4.tcp_max_tw_buckets.",
            PoolCatalogue.TimeWaitSockets
        );

    public static Alert TcpMemoryPressure { get; } =
        new(
            "tcp_memory_pressure",
            PoolCondition.Warning,
            ClwCodes.ResourceLimit,
            "TCP is short of memory",
            "TCP shrinks its buffers: find the connections whose data nobody reads (ss -tnm).",
            PoolCatalogue.TcpMemoryBytes
        );

    public static Alert TcpAborts { get; } =
        new(
            "tcp_aborts",
            PoolCondition.Critical,
            ClwCodes.ResourceLimit,
            "the kernel resets connections for want of memory",
            "The kernel resets connections for lack of memory, or of room for orphans: see net.ipv4.tcp_mem and "
                + "tcp_max_orphans.",
            PoolCatalogue.TcpMemoryBytes,
            PoolCatalogue.OrphanSockets
        );

    public static Alert UdpBufferErrors { get; } =
        new(
            "udp_buffer_errors",
            PoolCondition.Warning,
            ClwCodes.ResourceLimit,
            "datagrams are lost in full socket buffers",
            "Datagrams are lost because a socket's buffer is full: ss -unm shows which, and its process is too "
                + "slow or its SO_RCVBUF too small.",
            PoolCatalogue.UdpMemoryBytes
        );

    public static Alert ConntrackDrops { get; } =
        new(
            "conntrack_drops",
            PoolCondition.Critical,
            ClwCodes.ConnectionTimeout,
            "connection tracking drops packets",
            "New connections are dropped without a word, which looks like a dead network. Run openclaw-exporter "
                + "diagnose on the host: where the connection tracking table is full, it prints the command that makes "
                + "room. Otherwise it tells a lack of source ports of address translation from a clash of packets.",
            PoolCatalogue.ConntrackEntries,
            PoolCatalogue.SourcePorts
        );

    public static Alert ConntrackEarlyDrops { get; } =
        ConntrackDrops with
        {
            Name = "conntrack_early_drops",
            Causes = [PoolCatalogue.ConntrackEntries],
            Headline = "connection tracking gives up connections to make room",
            Advice =
                "Connections that were not answered yet are given up to make room: the connection tracking "
                + "table is or was full. Run openclaw-exporter diagnose on the host: it prints the command that makes "
                + "room, where the table is full now.",
        };

    public static Alert ConntrackInsertFailures { get; } =
        new(
            "conntrack_insert_failures",
            PoolCondition.Warning,
            ClwCodes.ConnectionTimeout,
            "connection tracking fails to enter connections",
            "New connections could not be entered into the connection tracking table. openclaw-exporter diagnose on "
                + "the host tells the three causes apart, and has the remedy. The table is full. Or address "
                + "translation (masquerade, SNAT) has no free source port towards one remote: translate to more source "
                + "addresses or to a wider range of ports. Or packets of one connection clash, such as two DNS queries "
                + "over UDP: set options single-request in resolv.conf.",
            PoolCatalogue.ConntrackEntries,
            PoolCatalogue.SourcePorts
        );

    public static Alert ConntrackChains { get; } =
        new(
            "conntrack_chains",
            PoolCondition.Critical,
            ClwCodes.ConnectionTimeout,
            "connection tracking drops packets for the length of its hash chains",
            "The hash of connection tracking has too few buckets for its entries: raise "
                + "net.netfilter.nf_conntrack_buckets to a quarter of nf_conntrack_max.",
            PoolCatalogue.ConntrackEntries
        );

    public static Alert SoftnetDrops { get; } =
        new(
            "softnet_drops",
            PoolCondition.Warning,
            ClwCodes.ConnectionTimeout,
            "a CPU drops packets that it has no time for",
            "A CPU receives packets faster than it handles them: spread them (RPS, more queues), or raise "
                + "net.core.netdev_max_backlog."
        );

    public static Alert NeighbourTableFull { get; } =
        new(
            "neighbour_table_full",
            PoolCondition.Critical,
            ClwCodes.ConnectionTimeout,
            "the neighbour table is full, and peers on the local network cannot be reached",
            "Neighbours cannot be resolved, so packets to them are dropped: raise gc_thresh3 on the host, or make "
                + "the segment smaller.",
            PoolCatalogue.NeighbourEntries
        );

    public static Alert FileMaxReached { get; } =
        new(
            "file_max_reached",
            PoolCondition.Critical,
            ClwCodes.ResourceLimit,
            "no program can open a file or a socket",
            "No program on the machine can open a file or socket: raise fs.file-max, and find who holds them.",
            PoolCatalogue.SystemFileDescriptors
        );

    /// <summary>
    /// The alert about EMFILE in the exporter: its own limit on descriptors, which shows nothing about other processes.
    /// </summary>
    public static Alert ExporterDescriptors { get; } =
        new(
            "exporter_descriptors",
            PoolCondition.Warning,
            ClwCodes.ResourceLimit,
            "the exporter has no file descriptor left",
            "EMFILE is the RLIMIT_NOFILE of the exporter's own process, which goes blind; other programs are "
                + "not concerned. Raise it (LimitNOFILE= of its unit), "
                + "or find who keeps connections to it open: ss -tnp."
        )
        {
            RuleName = "OpenClawExporterFailing",
        };

    static readonly ImmutableDictionary<KernelLogKind, Alert> ByKernelLogKind = new (KernelLogKind Kind, Alert Alert)[]
    {
        (KernelLogKind.ConntrackTableFull, ConntrackDrops),
        (KernelLogKind.NeighbourTableOverflow, NeighbourTableFull),
        (KernelLogKind.TcpOutOfMemory, TcpAborts),
        (KernelLogKind.TooManyOrphans, TcpAborts),
        (KernelLogKind.TimeWaitTableOverflow, TimeWaitOverflows),
        (KernelLogKind.SynFlooding, SynQueueFull),
        (KernelLogKind.FileMaxReached, FileMaxReached),
    }.ToImmutableDictionary(static pair => pair.Kind, static pair => pair.Alert);

    /// <summary>
    /// Returns the alert of a probe's result. Some errors choose it instead of the operation. Null for a success.
    /// </summary>
    public static Alert? OfProbe(ProbeResult result) =>
        (result.ErrorName, result.Operation) switch
        {
            (null, _) => null,
            ("EMFILE", _) => ExporterDescriptors,
            ("ENFILE", _) => FileMaxReached,
            (_, ProbeOperation.Socket) => Refused(
                ProbeOperation.Socket,
                ClwCodes.ResourceLimit,
                "socket()",
                PoolCatalogue.TcpMemoryBytes
            ),
            _ => null,
        };

    /// <summary>
    /// Returns the alert of a probe's operation. A program would have been refused the same operation now.
    /// </summary>
    public static Alert OfProbe(ProbeOperation operation) =>
        operation switch
        {
            ProbeOperation.Socket => Refused(
                operation,
                ClwCodes.ResourceLimit,
                "socket()",
                PoolCatalogue.SystemFileDescriptors
            ),
            ProbeOperation.TcpBind or ProbeOperation.UdpBind => Refused(
                operation,
                ClwCodes.PortConflict,
                "bind() to a free port",
                PoolCatalogue.EphemeralBindPorts
            ),
            _ => Refused(
                operation,
                ClwCodes.NetworkExhausted,
                "connect() to 127.0.0.1",
                PoolCatalogue.EphemeralConnectPorts,
                PoolCatalogue.ConntrackEntries
            ),
        };

    /// <summary>Returns the alert of a kind of kernel message.</summary>
    public static Alert? OfKernelLog(KernelLogKind kind) => ByKernelLogKind.GetValueOrDefault(kind);

    /// <summary>
    /// Returns the alert of a code that OpenClaw logged; null for a code that is not about the network.
    /// </summary>
    public static Alert? OfClwError(string code) =>
        !ClwCodes.All.Contains(code)
            ? null
            : new(
                "errors_reported",
                PoolCondition.Warning,
                code,
                "OpenClaw reports errors that no full pool explains",
                "OpenClaw itself reports this: its log has the context.",
                [.. PoolCatalogue.All.Where(pool => ClwCodes.ShownBy(pool.Code).Contains(code))]
            );

    static Alert Refused(ProbeOperation operation, string code, string call, params ImmutableArray<Pool> causes) =>
        new(
            $"{SnakeCase.Convert(operation)}_refused",
            PoolCondition.Critical,
            code,
            "programs are refused a socket, a port or a connection",
            $"{call} fails for any program here, now: the pools that are full say why.",
            causes
        )
        {
            RuleName = "OpenClawProbeFailing",
        };

    static string Capitalised(string name) =>
        string.Concat(name.Split('_').Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
}
