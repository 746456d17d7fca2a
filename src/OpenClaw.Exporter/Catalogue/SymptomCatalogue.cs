using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// The list of symptoms, besides the list of pools. A new symptom is one more element, and its reader.
/// </summary>
static class SymptomCatalogue
{
    /// <summary>
    /// The labels of a queue: a class or discipline (<c>handle</c>) below another or the root (<c>parent</c>), as tc
    /// writes them.
    /// </summary>
    static readonly ImmutableArray<string> QueueLabels = ["interface", "kind", "handle", "parent"];

    static readonly string WorstQueues = $"The {TrafficQueueSymptoms.AtMost} queues with the most drops.";

    public static Symptom KernelLogEventTimestampSeconds { get; } =
        new()
        {
            Name = "kernel_log_event_timestamp_seconds",
            Unit = "seconds since 1970",
            IsCounter = false,
            Help =
                "Unix time of the last kernel message of this kind. Absent without such a message "
                + "in the kernel log. There is no count, because the kernel limits the rate of its "
                + "messages. netns is the namespace in the message: its inode if it is gone, empty "
                + "if the message has none.",
            Source = "/dev/kmsg",
            Capability = Privileges.CapabilityOf("kernel_log"),
            Scope = PoolScope.Host,
            Labels = ["kind", "netns"],
            ShowsIn = KernelLogSymptom.IsRecent,
            Headline = static (kind, where, _) => $"The kernel recently logged {kind.Replace('_', ' ')}{where}",
            Read = KernelLogSymptom.Read,
        };

    public static Symptom ClwErrorsTotal { get; } =
        new()
        {
            Name = "clw_errors_total",
            Unit = "errors",
            IsCountedFromStart = true,
            Help =
                "Errors in the OpenClaw log by code since the exporter started. Requires "
                + $"--openclaw.log. Unknown codes beyond the first {ClwLog.OtherCodesAtMost} are "
                + "counted as other.",
            Source = "the OpenClaw log",
            Scope = PoolScope.Host,
            Labels = ["code"],
            Read = static view =>
                view.Get<ClwErrors>()
                    .Select(static errors =>
                        ImmutableArray.CreateRange(
                            errors.Counts.Select(static pair => new SymptomLevel(pair.Value, pair.Key)
                            {
                                Alert = Alert.OfClwError(pair.Key),
                            })
                        )
                    ),
        };

    public static Symptom ProbeSuccess { get; } =
        new()
        {
            Name = "probe_success",
            Unit = "yes or no",
            IsCounter = false,
            Help =
                "1 when the probe succeeded: opening a socket, bind() to a TCP or UDP port of "
                + "127.0.0.1, connect() to 127.0.0.1. connect is absent while tcp_bind fails, "
                + "because it needs a listener. All are absent without loopback: lo is down, or no "
                + "interface has 127.0.0.1.",
            Source = "socket(), bind(), connect()",
            Scope = PoolScope.NetworkNamespace,
            Labels = ["operation"],
            ShowsIn = static (success, _) => success == 0,
            Headline = static (operation, where, alert) =>
                alert == Alert.ExporterDescriptors
                    ? $"The exporter itself has no file descriptor left{where} ({operation})"
                    : $"{RefusedCall(operation)} fails{where} for every program ({operation})",
            Read = static view => Probe(view, static result => result.Error == 0 ? 1 : 0),
        };

    /// <summary>All symptoms, in the order in which they are shown.</summary>
    public static ImmutableArray<Symptom> All { get; } =
    [
        new()
        {
            Name = "qdisc_drops_total",
            Unit = "packets",
            Help =
                "Packets dropped by a queueing discipline or class of this interface, or by a "
                + "queue below it. Every parent counts the same drop, so use the maximum of an "
                + "interface, not the sum. "
                + WorstQueues,
            Source = "rtnetlink, RTM_GETQDISC and RTM_GETTCLASS: TCA_STATS2",
            Scope = PoolScope.NetworkNamespace,
            Labels = QueueLabels,
            Read = TrafficQueueSymptoms.Read(static queue => queue.Drops),
        },
        new()
        {
            Name = "qdisc_overlimits_total",
            Unit = "times",
            Help =
                "Times that a queueing discipline or class delayed a packet at its rate limit. "
                + "Parents do not count it again, so the root does not show a limit below it. "
                + WorstQueues,
            Source = "rtnetlink, RTM_GETQDISC and RTM_GETTCLASS: TCA_STATS2",
            Scope = PoolScope.NetworkNamespace,
            Labels = QueueLabels,
            Read = TrafficQueueSymptoms.Read(static queue => queue.Overlimits),
        },
        new()
        {
            Name = "qdisc_backlog_bytes",
            Unit = "bytes",
            IsCounter = false,
            Help =
                "Bytes waiting in a queueing discipline or class, or in a queue below it. Parents "
                + "show them too. "
                + WorstQueues,
            Source = "rtnetlink, RTM_GETQDISC and RTM_GETTCLASS: TCA_STATS2",
            Scope = PoolScope.NetworkNamespace,
            Labels = QueueLabels,
            Read = TrafficQueueSymptoms.Read(static queue => queue.BacklogBytes),
        },
        CounterSymptoms.TcpExt(
            "listen_overflows_total",
            "connections",
            "ListenOverflows",
            "Connections dropped because the accept queue of a listener was full.",
            Alert.ListenOverflows
        ),
        CounterSymptoms.TcpExt(
            "listen_drops_total",
            "connections",
            "ListenDrops",
            "Connections dropped by listeners for any reason, overflows included.",
            Alert.ListenDrops
        ),
        CounterSymptoms.TcpExt(
            "syn_retransmits_total",
            "packets",
            "TCPSynRetrans",
            "SYN packets retransmitted because no answer came."
        ),
        CounterSymptoms.TcpExt(
            "syn_cookies_sent_total",
            "packets",
            "SyncookiesSent",
            "SYN cookies sent because a listener's SYN queue was full.",
            Alert.SynQueueFull
        ),
        CounterSymptoms.TcpExt(
            "request_queue_full_drops_total",
            "packets",
            "TCPReqQFullDrop",
            "SYN packets dropped because a listener's SYN queue was full.",
            Alert.SynQueueFull
        ),
        CounterSymptoms.TcpExt(
            "time_wait_overflows_total",
            "connections",
            "TCPTimeWaitOverflow",
            "Connections closed without TIME_WAIT because tcp_max_tw_buckets was reached.",
            Alert.TimeWaitOverflows
        ),
        CounterSymptoms.TcpExt(
            "tcp_memory_pressures_total",
            "times",
            "TCPMemoryPressures",
            "Times that TCP came under memory pressure.",
            Alert.TcpMemoryPressure,
            isSaidOnce: true
        ),
        CounterSymptoms.TcpExt(
            "tcp_aborts_on_memory_total",
            "connections",
            "TCPAbortOnMemory",
            "Connections reset for lack of memory, or for too many orphans.",
            Alert.TcpAborts
        ),
        CounterSymptoms.Udp(
            "udp_receive_buffer_errors_total",
            "RcvbufErrors",
            "Datagrams dropped because the receive buffer of their socket was full.",
            Alert.UdpBufferErrors
        ),
        CounterSymptoms.Udp(
            "udp_send_buffer_errors_total",
            "SndbufErrors",
            "Datagrams not sent because the send buffer of their socket, or the queue of the interface, was full.",
            Alert.UdpBufferErrors
        ),
        CounterSymptoms.Conntrack(
            "conntrack_drops_total",
            "packets",
            "drop",
            "Packets dropped because the connection tracking table was full, or because their "
                + "entry could not enter it.",
            static failures => failures.Drops,
            Alert.ConntrackDrops
        ),
        CounterSymptoms.Conntrack(
            "conntrack_early_drops_total",
            "entries",
            "early_drop",
            "Tracked connections removed early to make room in a full table.",
            static failures => failures.EarlyDrops,
            Alert.ConntrackEarlyDrops
        ),
        CounterSymptoms.Conntrack(
            "conntrack_insert_failures_total",
            "entries",
            "insert_failed",
            "Connections that could not enter the connection tracking table.",
            static failures => failures.InsertFailures,
            Alert.ConntrackInsertFailures
        ),
        CounterSymptoms.Conntrack(
            "conntrack_clashes_total",
            "entries",
            "clashres",
            "Tracked connections that met another entry of the same connection.",
            static failures => failures.Clashes
        ),
        CounterSymptoms.Conntrack(
            "conntrack_chain_too_long_total",
            "packets",
            "chainlength",
            "Packets dropped because a hash chain of the table was too long.",
            static failures => failures.ChainTooLong,
            Alert.ConntrackChains
        ),
        CounterSymptoms.Softnet(
            "softnet_drops_total",
            "packets",
            "Packets dropped because the backlog of a CPU was full (net.core.netdev_max_backlog).",
            static softnet => softnet.Drops,
            Alert.SoftnetDrops
        ),
        CounterSymptoms.Softnet(
            "softnet_times_squeezed_total",
            "times",
            "Times that a CPU left packets for later because its budget was used up.",
            static softnet => softnet.TimesSqueezed
        ),
        new()
        {
            Name = "neighbour_table_fulls_total",
            Unit = "times",
            Help = "Neighbour entries refused because the table was full.",
            Source = "/proc/net/stat/arp_cache, ndisc_cache: table_fulls",
            Scope = PoolScope.Host,
            Labels = ["family"],
            Alert = Alert.NeighbourTableFull,
            Read = NeighbourPool.TableFulls,
        },
        new()
        {
            Name = "interface_drops_total",
            Unit = "packets",
            Help =
                $"Packets dropped by an interface. The {CounterSymptoms.InterfacesAtMost} "
                + "interfaces with the most.",
            Source = "/proc/net/dev: drop",
            Scope = PoolScope.NetworkNamespace,
            Labels = ["interface", "direction"],
            Read = CounterSymptoms.InterfaceDrops,
            Shortfall = CounterSymptoms.InterfaceShortfall,
        },
        RefusedConnectSymptom.Total,
        KernelLogEventTimestampSeconds,
        ClwErrorsTotal,
        ProbeSuccess,
        ServicePortSymptoms.Unreserved,
        ServicePortSymptoms.Taken,
        new()
        {
            Name = "probe_duration_seconds",
            Unit = "seconds",
            IsCounter = false,
            Help = "Duration of each call of the probe.",
            Source = "socket(), bind(), connect()",
            Scope = PoolScope.NetworkNamespace,
            Labels = ["operation"],
            Read = static view => Probe(view, static result => result.Duration.TotalSeconds),
        },
        new()
        {
            Name = "probe_errors_total",
            Unit = "errors",
            IsCountedFromStart = true,
            Help = "Failures of the probe since the exporter started, by errno.",
            Source = "socket(), bind(), connect()",
            Scope = PoolScope.NetworkNamespace,
            Labels = ["operation", "errno"],
            Read = static view =>
                view.Get<AllocationProbe>()
                    .Select(static probe =>
                        ImmutableArray.CreateRange(
                            probe.Errors.Select(static errors => new SymptomLevel(
                                errors.Count,
                                SnakeCase.Convert(errors.Operation),
                                errors.Error
                            ))
                        )
                    ),
        },
    ];

    static Reading<ImmutableArray<SymptomLevel>> Probe(NamespaceView view, Func<ProbeResult, double> select) =>
        view.Get<AllocationProbe>()
            .Select(probe =>
                ImmutableArray.CreateRange(
                    probe.Results.Select(result => new SymptomLevel(select(result), SnakeCase.Convert(result.Operation))
                    {
                        Alert = Alert.OfProbe(result) ?? Alert.OfProbe(result.Operation),
                    })
                )
            );

    /// <summary>Returns the call of an operation of the probe.</summary>
    static string RefusedCall(string operation) =>
        operation switch
        {
            "socket" => "socket()",
            "tcp_bind" => "TCP bind()",
            "udp_bind" => "UDP bind()",
            _ => $"{operation}()",
        };
}
