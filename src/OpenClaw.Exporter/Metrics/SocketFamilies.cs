using System.Collections.Immutable;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Metrics;

/// <summary>The families about the owners of TCP sockets.</summary>
static class SocketFamilies
{
    /// <summary>The limit on cgroups that are shown by name.</summary>
    const int WorstCgroups = 5;

    const string Unknown = "unknown";
    const string Other = "other";
    const string Prefix = "openclaw_network_";

    static readonly ImmutableArray<(TcpState State, Func<CgroupSockets, long> Count)> CgroupStates =
    [
        (TcpState.Established, static cgroup => cgroup.Established),
        (TcpState.SynSent, static cgroup => cgroup.SynSent),
        (TcpState.CloseWait, static cgroup => cgroup.CloseWait),
        (TcpState.Listen, static cgroup => cgroup.Listen),
    ];

    public static ImmutableArray<MetricFamily> All { get; } =
    [
        new(
            Prefix + "cgroup_tcp_sockets",
            MetricType.Gauge,
            "TCP sockets of the exporter's network namespace by cgroup v2, for the "
                + $"{WorstCgroups} cgroups with the most. Only states with a process: established, "
                + "syn_sent, close_wait, listen. Zero values are left out. cgroup=\"other\" is the "
                + "rest. cgroup=\"unknown\" has a cgroup that is gone or not mounted here. "
                + "Connections before accept() belong to the listener.",
            "inet_diag: INET_DIAG_CGROUP_ID; inodes of cgroup2",
            ["cgroup", "state"],
            static diagnosis => ByCgroup(diagnosis.Snapshot)
        ),
    ];

    static IEnumerable<Sample> ByCgroup(Snapshot snapshot)
    {
        if (!snapshot.Get<TcpSockets>().TryGet(out var sockets))
            return [];
        var paths = snapshot.Get<CgroupPaths>().TryGet(out var named) ? named.ById : new Dictionary<ulong, string>();
        return from cgroup in sockets
                .Cgroups.Select(
                    (cgroup, place) =>
                        (
                            Name: place >= WorstCgroups ? Other : paths.GetValueOrDefault(cgroup.Id, Unknown),
                            Sockets: cgroup
                        )
                )
                .Append((Name: Other, Sockets: sockets.OtherCgroups))
                .GroupBy(static cgroup => cgroup.Name, static cgroup => cgroup.Sockets)
            from counted in CgroupStates
            let count = cgroup.Sum(counted.Count)
            where count > 0
            select new Sample(count, cgroup.Key, SnakeCase.Convert(counted.State));
    }
}
