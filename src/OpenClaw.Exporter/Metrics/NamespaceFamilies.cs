using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The families about each network namespace: its contents, its owner, and its share of the machine's resources.
/// </summary>
static class NamespaceFamilies
{
    const string Prefix = "openclaw_network_";

    public static ImmutableArray<MetricFamily> All { get; } =
    [
        Summed("tcp_sockets", "TCP sockets by state.", "inet_diag", ["state"], static view =>
            view.Get<TcpSockets>().TryGet(out var tcp)
                ? Enum.GetValues<TcpState>().Select(state => new Sample(tcp[state], SnakeCase.Convert(state)))
                : []
        ) with
        {
            IsHistogram = true,
        },
        Summed("udp_sockets", "UDP sockets that have a port.", "inet_diag", [], static view =>
            One(view.Get<UdpSockets>().Select(static udp => (double)udp.Count))
        ),
        Summed(
            "tcp_established_without_keepalive",
            "Established TCP sockets without a running timer. They never detect a vanished "
                + "peer. Sockets with a retransmission in progress are not counted, because it "
                + "hides keepalive.",
            "inet_diag: idiag_timer",
            [],
            static view => One(view.Get<TcpSockets>().Select(static tcp => (double)tcp.EstablishedWithoutKeepalive))
        ),
        MetricFamily.OfNamespaces(
            Prefix + "ephemeral_ports_exact",
            MetricType.Gauge,
            "1 when every value of the ephemeral port pools is exact. 0 when more ports may "
                + "be used than shown. Without CAP_BPF and CAP_PERFMON, the kernel does not reveal "
                + "which connected sockets were bound explicitly.",
            "inet_diag; bpf",
            [],
            static view => One(EphemeralPortPools.AreExact(view).Select(static exact => exact ? 1.0 : 0.0))
        ) with
        {
            IsEssential = true,
        },
        Summed(
            "host_pool_contribution",
            "The part of a machine-wide pool that a network namespace uses, as far as it is "
                + "known. For orphans and connection tracking: its entries. For "
                + $"{PoolCatalogue.TcpMemoryBytes.Name}: the bytes that wait in its buffers, a lower "
                + "bound of their memory. No series while only one network namespace is read.",
            "inet_diag: idiag_inode, idiag_rqueue, idiag_wqueue; nf_conntrack_count",
            ["pool"],
            Contribution
        ),
        new(
            Prefix + "namespaces",
            MetricType.Gauge,
            "Network namespaces that the exporter can see: those of processes, and those "
                + "named by ip netns or a container engine. A namespace held only by an open "
                + "descriptor is invisible.",
            "/proc/PID/ns/net, /run/netns",
            [],
            static diagnosis => OfAll(diagnosis, static all => [new(all.Length)])
        ),
        new(
            Prefix + "namespaces_unused",
            MetricType.Gauge,
            "Network namespaces without sockets that can hold a port and without tracked "
                + "connections. They are only counted. The exporter's own namespace is never among "
                + "them.",
            "/proc/net/sockstat, sockstat6, protocols; nf_conntrack_count",
            [],
            static diagnosis =>
                One(diagnosis.Snapshot.Get<NamespaceSnapshots>().Select(static namespaces => (double)namespaces.Unused))
        ),
        new(
            Prefix + "namespaces_leaked",
            MetricType.Gauge,
            "Network namespaces with a name, but without a process or socket. A container "
                + "engine failed to remove them, or ip netns keeps them on purpose. Absent while "
                + "the namespace of some process cannot be seen, or a namespace without a process "
                + "cannot be entered.",
            "/proc/PID/ns/net, /run/netns, /proc/net/sockstat",
            [],
            static diagnosis =>
                diagnosis.Snapshot.Get<NetworkNamespaces>().TryGet(out var namespaces)
                && namespaces.AreAllVisible
                && !namespaces.All.Any(static netns => netns.MayBeAbandoned)
                    ? [new(namespaces.All.Count(static netns => netns.Abandoned is not null))]
                    : []
        )
        {
            Capability = Privileges.CapabilityOf("network_namespaces"),
        },
        new(
            Prefix + "namespace_leaked_age_seconds",
            MetricType.Gauge,
            "Least time since a network namespace lost its last process and socket, as seen "
                + $"by this exporter. The {LeakedAtMost} oldest.",
            "/proc/PID/ns/net, /run/netns",
            ["netns"],
            static diagnosis =>
                OfAll(diagnosis, static all =>
                    all.Where(static netns => netns.Abandoned is not null)
                        .OrderByDescending(static netns => netns.Abandoned)
                        .Take(LeakedAtMost)
                        .Select(static netns => new Sample(netns.Abandoned!.Value.TotalSeconds, netns.Name))
                )
        ),
        new(
            Prefix + "namespace_info",
            MetricType.Gauge,
            "Owner of a network namespace: container id, pod id and cgroup of its first "
                + "process. A process in a container comes first.",
            "/proc/PID/cgroup",
            ["netns", "inode", "container", "pod", "cgroup"],
            static diagnosis =>
                diagnosis
                    .Namespaces.Where(static view => !view.IsOwn)
                    .Select(static view => new Sample(
                        1,
                        view.Name,
                        $"{view.Namespace!.Inode}",
                        view.Namespace.Owner.Container,
                        view.Namespace.Owner.Pod,
                        view.Namespace.Owner.Cgroup
                    ))
        ),
    ];

    /// <summary>The limit on leaked namespaces that are listed.</summary>
    const int LeakedAtMost = 5;

    static MetricFamily Summed(
        string name,
        string help,
        string source,
        ImmutableArray<string> labels,
        Func<NamespaceView, IEnumerable<Sample>> read
    ) => MetricFamily.OfNamespaces(Prefix + name, MetricType.Gauge, help, source, labels, read, isSummed: true);

    static IEnumerable<Sample> Contribution(NamespaceView view)
    {
        if (!view.Get<NamespaceSnapshots>().TryGet(out var others) || others.Used.IsEmpty)
            return [];
        var tracked = One(
            view.Get<ConntrackTable>().Select(static table => (double)table.Count),
            PoolCatalogue.ConntrackEntries.Name
        );
        if (!view.Get<TcpSockets>().TryGet(out var tcp))
            return tracked;
        return
        [
            new(tcp.Orphans, PoolCatalogue.OrphanSockets.Name),
            new(tcp.QueuedBytes, PoolCatalogue.TcpMemoryBytes.Name),
            .. tracked,
        ];
    }

    static IEnumerable<Sample> One(Reading<double> reading, params ImmutableArray<string> labels) =>
        reading.TryGet(out var value) ? [new(value, labels)] : [];

    static IEnumerable<Sample> OfAll(
        Diagnosis diagnosis,
        Func<ImmutableArray<NetworkNamespace>, IEnumerable<Sample>> read
    ) => diagnosis.Snapshot.Get<NetworkNamespaces>().TryGet(out var namespaces) ? read(namespaces.All) : [];
}
