using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Ports;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The families about the network path to the destinations that <c>ephemeral_connect_ports</c> shows. The path is known
/// where the program in the kernel counted the sockets, which is not on a quiet machine.
/// </summary>
static class DestinationFamilies
{
    const string Prefix = "openclaw_network_destination_";

    const string Shown =
        "For the destinations that ephemeral_connect_ports shows, over their connections that hold ephemeral ports. ";

    const string Absent =
        "No series while a dump shows the sockets: with few connections, and without CAP_BPF and CAP_PERFMON.";

    public static ImmutableArray<MetricFamily> All { get; } =
    [
        Family(
            "round_trip_seconds",
            MetricType.Gauge,
            "Mean of the smoothed round trips that TCP measures. "
                + Shown
                + "An idle connection keeps its last measure. "
                + Absent,
            "bpf: tcp_sock.srtt_us",
            static path => path.RoundTrip?.TotalSeconds
        ),
        Family(
            "retransmits_total",
            MetricType.Counter,
            "TCP segments that were sent again. "
                + Shown
                + "Each connection counts from its begin to the last snapshot before its end, so the true number may "
                + "be higher and never lower. A destination without a connection starts at 0 again. "
                + Absent,
            "bpf: tcp_sock.total_retrans",
            static path => path.CountedRetransmits
        ),
    ];

    static MetricFamily Family(
        string name,
        MetricType type,
        string help,
        string source,
        Func<DestinationPath, double?> select
    ) =>
        new(
            Prefix + name,
            type,
            help + " " + FurtherNamespaces.FullestOnly,
            source,
            ["netns", "source", "destination"],
            diagnosis =>
                from level in FurtherNamespaces.FullestOf(
                    diagnosis,
                    diagnosis.StateOf(PoolCatalogue.EphemeralConnectPorts)
                )
                let subject = level.About as ConnectSubject
                where subject?.Ports.Path is not null
                let value = @select(subject.Ports.Path!)
                where value is not null
                select new Sample(value.Value, level.Netns, subject.Source, subject.Name)
        )
        {
            Capability = Privileges.CapabilityOf(Privileges.Programs),
        };
}
