using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Probe;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>An alert about a failure that a symptom shows, at any use of the pools.</summary>
/// <param name="Name">The name in metrics.</param>
/// <param name="Severity">The severity, regardless of the pools.</param>
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

    /// <summary>
    /// Returns the remedy from what was read of the machine; null where <see cref="Advice"/> is all.
    /// </summary>
    public Func<NamespaceView, Alert, Remedy>? RemedyFor { get; init; }

    public static Alert ListenOverflows { get; } =
        new(
            "listen_overflows",
            PoolCondition.Critical,
            ClwCodes.ConnectionTimeout,
            "a full accept queue drops new connections",
            "A listener accepts too slowly, and its clients time out. ss -ltn shows the "
                + "listener: its Recv-Q is full.",
            PoolCatalogue.AcceptQueueConnections
        );

    public static Alert ListenDrops { get; } =
        ListenOverflows with
        {
            Name = "listen_drops",
            Severity = PoolCondition.Warning,
            Headline = "a listener drops connections",
            Advice =
                "If ListenOverflows rises too (nstat -az), a listener accepts too slowly: ss -ltn shows its "
                + "full Recv-Q. If TCPReqQFullDrop rises too, its SYN queue is full. With "
                + "net.ipv4.tcp_syncookies=0, three quarters of net.ipv4.tcp_max_syn_backlog are its limit, and "
                + "TCPReqQFullDrop does not rise. Otherwise the kernel has no route or no memory for the answer: "
                + "ip route get CLIENT.",
        };

    public static Alert SynQueueFull { get; } =
        new(
            "syn_queue_full",
            PoolCondition.Warning,
            ClwCodes.ConnectionTimeout,
            "a flood of new connections fills a SYN queue",
            "More clients begin connections than finish them, because of a flood or a burst. "
                + "ss -tn state syn-recv shows the listener. net.ipv4.tcp_max_syn_backlog and the "
                + "listener's backlog limit the queue.",
            PoolCatalogue.AcceptQueueConnections
        );

    public static Alert ConnectsRefused { get; } =
        new(
            "refused_connects",
            PoolCondition.Critical,
            ClwCodes.NetworkExhausted,
            "connect() finds no free port",
            "The kernel refuses new connections to this destination (EADDRNOTAVAIL). Share "
                + "connections to it (connection pool, HTTP/2), and close those that are not used. "
                + "A wider net.ipv4.ip_local_port_range buys time. It does not help a program that narrows its own "
                + "range (setsockopt IP_LOCAL_PORT_RANGE): such a program is refused while ports are free.",
            PoolCatalogue.EphemeralConnectPorts,
            PoolCatalogue.EphemeralBindPorts
        )
        {
            // The rule of the probe has the alarms whose names end in "refused".
            RuleName = "OpenClawConnectsRefused",
        };

    public static Alert TimeWaitOverflows { get; } =
        new(
            "time_wait_overflows",
            PoolCondition.Warning,
            ClwCodes.NetworkExhausted,
            "connections are closed without TIME_WAIT",
            "Connections are closed without TIME_WAIT, so late packets can reach new "
                + "connections. Reuse connections, or raise net.ipv4.tcp_max_tw_buckets.",
            PoolCatalogue.TimeWaitSockets
        );

    public static Alert TcpMemoryPressure { get; } =
        new(
            "tcp_memory_pressure",
            PoolCondition.Warning,
            ClwCodes.ResourceLimit,
            "TCP is short of memory",
            "TCP shrinks its buffers. Find connections with unread data: ss -tnm.",
            PoolCatalogue.TcpMemoryBytes
        );

    public static Alert TcpAborts { get; } =
        new(
            "tcp_aborts",
            PoolCondition.Critical,
            ClwCodes.ResourceLimit,
            "the kernel resets connections for lack of memory",
            "The kernel resets connections: TCP memory or the limit on orphans is exhausted. "
                + "See net.ipv4.tcp_mem and net.ipv4.tcp_max_orphans.",
            PoolCatalogue.TcpMemoryBytes,
            PoolCatalogue.OrphanSockets
        );

    public static Alert UdpBufferErrors { get; } =
        new(
            "udp_buffer_errors",
            PoolCondition.Warning,
            ClwCodes.ResourceLimit,
            "full socket buffers drop datagrams",
            "Receive errors: the buffer of a socket is full. ss -uanm shows it: the number after d is its drops. Its "
                + "process is too slow, or its SO_RCVBUF too small. Send errors: the queue of an interface is full "
                + "(tc -s qdisc shows dropped), or the SO_SNDBUF of a socket is too small.",
            PoolCatalogue.UdpMemoryBytes
        );

    public static Alert ConntrackDrops { get; } =
        new(
            "conntrack_drops",
            PoolCondition.Critical,
            ClwCodes.ConnectionTimeout,
            "connection tracking drops packets",
            "New connections are dropped without an error, so the network looks dead. Run "
                + "openclaw-exporter diagnose on the host. If the connection tracking table is "
                + "full, it prints the command that makes room. Otherwise it distinguishes a lack "
                + "of source ports from a clash of packets.",
            PoolCatalogue.ConntrackEntries,
            PoolCatalogue.SourcePorts
        );

    public static Alert ConntrackEarlyDrops { get; } =
        ConntrackDrops with
        {
            Name = "conntrack_early_drops",
            Causes = [PoolCatalogue.ConntrackEntries],
            Headline = "connection tracking removes connections to make room",
            Advice =
                "Unanswered connections are removed to make room: the connection tracking table "
                + "is or was full. Run openclaw-exporter diagnose on the host. If the table is full "
                + "now, it prints the command that makes room.",
        };

    public static Alert ConntrackInsertFailures { get; } =
        new(
            "conntrack_insert_failures",
            PoolCondition.Warning,
            ClwCodes.ConnectionTimeout,
            "connection tracking fails to enter connections",
            "New connections could not enter the connection tracking table, for one of three "
                + "causes. openclaw-exporter diagnose on the host distinguishes them and has the "
                + "remedy. First, the table is full. Second, address translation (masquerade, SNAT) "
                + "has no free source port towards one remote: translate to more source addresses "
                + "or to a wider range of ports. Third, packets of one connection clash, such as "
                + "two DNS queries over UDP: set options single-request in resolv.conf.",
            PoolCatalogue.ConntrackEntries,
            PoolCatalogue.SourcePorts
        );

    public static Alert ConntrackChains { get; } =
        new(
            "conntrack_chains",
            PoolCondition.Critical,
            ClwCodes.ConnectionTimeout,
            "long hash chains make connection tracking drop packets",
            "The hash table of connection tracking has too few buckets for its entries. Raise "
                + "net.netfilter.nf_conntrack_buckets to a quarter of nf_conntrack_max.",
            PoolCatalogue.ConntrackEntries
        );

    public static Alert SoftnetDrops { get; } =
        new(
            "softnet_drops",
            PoolCondition.Warning,
            ClwCodes.ConnectionTimeout,
            "an overloaded CPU drops packets",
            "A CPU receives packets faster than it handles them. Spread them (RPS, more "
                + "queues), or raise net.core.netdev_max_backlog."
        );

    public static Alert NeighbourTableFull { get; } =
        new(
            "neighbour_table_full",
            PoolCondition.Critical,
            ClwCodes.ConnectionTimeout,
            "the neighbour table is full",
            "Peers on the local network cannot be resolved, so packets to them are dropped. "
                + "Raise gc_thresh3 on the host, or make the segment smaller.",
            PoolCatalogue.NeighbourEntries
        );

    public static Alert FileMaxReached { get; } =
        new(
            "file_max_reached",
            PoolCondition.Critical,
            ClwCodes.ResourceLimit,
            "no program can open a file or a socket",
            "No program on the machine can open a file or socket. Raise fs.file-max, and find "
                + "the processes with the most open files.",
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
            "EMFILE is about the exporter's own RLIMIT_NOFILE. The exporter cannot read the "
                + "kernel without descriptors; other programs are not affected. Raise the limit "
                + "(LimitNOFILE= of its unit), or find clients that keep connections to it open: ss "
                + "-tnp."
        )
        {
            RuleName = "OpenClawExporterFailing",
        };

    static readonly Dictionary<KernelLogKind, Alert> ByKernelLogKind = new (KernelLogKind Kind, Alert Alert)[]
    {
        (KernelLogKind.ConntrackTableFull, ConntrackDrops),
        (KernelLogKind.NeighbourTableOverflow, NeighbourTableFull),
        (KernelLogKind.TcpOutOfMemory, TcpAborts),
        (KernelLogKind.TooManyOrphans, TcpAborts),
        (KernelLogKind.TimeWaitTableOverflow, TimeWaitOverflows),
        (KernelLogKind.SynFlooding, SynQueueFull),
        (KernelLogKind.FileMaxReached, FileMaxReached),
    }.ToDictionary(static pair => pair.Kind, static pair => pair.Alert);

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
                "OpenClaw itself reports this error. Its log has the context.",
                [.. PoolCatalogue.All.Where(pool => ClwCodes.ShownBy(pool.Code).Contains(code))]
            )
            {
                RemedyFor = LoggedErrorRemedies.For,
            };

    static Alert Refused(ProbeOperation operation, string code, string call, params ImmutableArray<Pool> causes) =>
        new(
            $"{SnakeCase.Convert(operation)}_refused",
            PoolCondition.Critical,
            code,
            "the kernel refuses a socket, a port or a connection",
            $"{call} fails for every program here now. A full pool below is the cause."
                + (operation == ProbeOperation.Connect ? " Without one, a firewall rule drops its packets." : ""),
            causes
        )
        {
            RuleName = "OpenClawProbeFailing",
        };

    static string Capitalised(string name) =>
        string.Concat(name.Split('_').Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
}
