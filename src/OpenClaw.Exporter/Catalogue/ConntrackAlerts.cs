using System.Collections.Immutable;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// Tells the failures of connection tracking apart by the fill of the table in the same snapshot. A larger table helps
/// only where the table is full.
/// </summary>
static class ConntrackAlerts
{
    const string Full =
        "The connection tracking table is full. Make room on the host: the remedy of conntrack_entries has the command "
        + "for net.netfilter.nf_conntrack_max.";

    const string HasRoom = "The connection tracking table is not full, so its size is not the cause. ";

    /// <summary>
    /// Both causes count as insert_failed and drop: the entry of a new connection meets another one of the same
    /// addresses and ports (nf_conntrack_confirm), and NAT leaves a taken port when it finds no free one
    /// (nf_nat_l4proto_unique_tuple).
    /// </summary>
    const string Causes =
        "Either packets of one connection clash, such as two DNS queries over UDP from one socket. Or address "
        + "translation (masquerade, SNAT) has no free source port towards one remote. Where clash_resolve rises in "
        + "conntrack -S, packets clash. Where it does not, it may be either: a clash over TCP does not count there. "
        + "Then look for many connections to one remote address and port in conntrack -L --src-nat, and for the range "
        + "of source ports in nft list ruleset. Against clashes, set "
        + "options single-request in resolv.conf, or run a DNS cache on the node. Against a lack of ports, "
        + "translate to "
        + "more source addresses or to a wider range of ports.";

    const string Burst =
        "a burst filled the table for a moment: openclaw_network_pool_utilization_peak_ratio shows the peak, and "
        + "conntrack -L the source of the entries.";

    static readonly ImmutableDictionary<string, (Alert Full, Alert HasRoom)> ByName = new[]
    {
        Pair(
            Alert.ConntrackDrops,
            $"{HasRoom}If insert_failed rises as fast in conntrack -S, there are two possible causes. {Causes} "
                + $"If insert_failed does not rise, {Burst}"
        ),
        Pair(Alert.ConntrackEarlyDrops, $"{HasRoom}Connections are given up only in a full table, so {Burst}"),
        Pair(Alert.ConntrackInsertFailures, $"{HasRoom}There are two possible causes. {Causes}"),
    }.ToImmutableDictionary(static pair => pair.Full.Name);

    /// <summary>
    /// The alert of the kernel's message that the table is full. The message may be minutes old and name another
    /// namespace, so that no fill belongs to it.
    /// </summary>
    public static Alert Logged { get; } =
        Alert.ConntrackDrops with
        {
            Advice =
                "The connection tracking table was full. New connections were dropped without a word, which looks like "
                + $"a dead network. If conntrack_entries is full now, its remedy has the command. Otherwise {Burst}",
        };

    /// <summary>All of these alerts.</summary>
    public static IEnumerable<Alert> All =>
        ByName.Values.SelectMany(static pair => new[] { pair.Full, pair.HasRoom }).Append(Logged);

    /// <summary>
    /// Returns the alert with the advice for this fill; null where the fill is unknown or makes no difference.
    /// </summary>
    public static Alert? ByFill(Alert? alert, NamespaceView view)
    {
        if (alert is null || !ByName.TryGetValue(alert.Name, out var pair))
            return null;
        if (!view.Get<ConntrackTable>().TryGet(out var table) || !table.Maximum.TryGet(out var maximum))
        {
            return null;
        }

        // A table without a limit always has room.
        var condition = PoolCatalogue.ConntrackEntries.Judge(maximum > 0 ? (double)table.Count / maximum : null);
        return condition >= PoolCondition.Warning ? pair.Full : pair.HasRoom;
    }

    static (Alert Full, Alert HasRoom) Pair(Alert alert, string advice) =>
        (alert with { Advice = Full }, alert with { Advice = advice });
}
