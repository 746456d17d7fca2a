using System.Collections.Immutable;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// Tells the failures of connection tracking apart: the table is full, address translation has no source port, or
/// packets clash. The fill of the table and of the source ports in the same snapshot decides.
/// </summary>
static class ConntrackAlerts
{
    const string Full =
        "The connection tracking table is full. Make room on the host: the remedy of conntrack_entries has the command "
        + "for net.netfilter.nf_conntrack_max.";

    const string HasRoom = "The connection tracking table is not full, so its size is not the cause. ";

    const string Clash =
        "packets of one connection clash, such as two DNS queries over UDP from one socket: their entries have the "
        + "same addresses and ports. Set options single-request in resolv.conf, or run a DNS cache on the node.";

    const string NoPorts =
        "address translation (masquerade, SNAT) has no free source port towards one remote: the remedy of snat_ports "
        + "names both. A larger table does not help.";

    /// <summary>
    /// Both causes count as insert_failed and drop. The entry of a new connection meets an entry with the same
    /// addresses and ports (nf_conntrack_confirm). NAT keeps a taken port when it finds no free port
    /// (nf_nat_l4proto_unique_tuple).
    /// </summary>
    static readonly string Causes =
        $"Either {Clash} Or address translation (masquerade, SNAT) has no free source port "
        + "towards one remote. Then translate to more source addresses or to a wider range "
        + "of ports. The source ports could not be counted; with "
        + $"{Privileges.CapabilityOf("tracked_connections")} the exporter distinguishes the "
        + "two. By hand, compare conntrack -S: where clash_resolve rises, packets clash. A "
        + "clash over TCP does not count there. Then look for many connections to one "
        + "remote in conntrack -L --src-nat, and for the range in nft list ruleset.";

    const string Burst =
        "a burst filled the table for a moment: openclaw_network_pool_utilization_peak_ratio shows the peak, and "
        + "conntrack -L the source of the entries.";

    const string OnlyFull = $"Connections are removed only from a full table, so {Burst}";

    static readonly ImmutableDictionary<string, Variants> ByName = new[]
    {
        Variants.Create(
            Alert.ConntrackDrops,
            noPorts: $"{HasRoom}Packets are dropped because {NoPorts}",
            clash: $"{HasRoom}Source ports of address translation are free as well. If insert_failed rises as fast in "
                + $"conntrack -S, {Clash} If it does not rise, {Burst}",
            unknown: $"{HasRoom}If insert_failed rises as fast in conntrack -S, there are two possible causes. "
                + $"{Causes} If insert_failed does not rise, {Burst}"
        ),
        Variants.Create(
            Alert.ConntrackEarlyDrops,
            noPorts: $"{HasRoom}{OnlyFull}",
            clash: $"{HasRoom}{OnlyFull}",
            unknown: $"{HasRoom}{OnlyFull}"
        ),
        Variants.Create(
            Alert.ConntrackInsertFailures,
            noPorts: $"{HasRoom}Connections are not entered because {NoPorts}",
            clash: $"{HasRoom}Source ports of address translation are free as well. So {Clash}",
            unknown: $"{HasRoom}There are two possible causes. {Causes}"
        ),
    }.ToImmutableDictionary(static variants => variants.Full.Name);

    /// <summary>
    /// The alert of the kernel's message that the table is full. The message may be minutes old and name another
    /// namespace, so that no fill belongs to it.
    /// </summary>
    public static Alert Logged { get; } =
        Alert.ConntrackDrops with
        {
            Causes = [PoolCatalogue.ConntrackEntries],
            Advice =
                "The connection tracking table was full. New connections were dropped without an "
                + "error, so the network looked dead. If conntrack_entries is full now, its remedy "
                + $"has the command. Otherwise {Burst}",
        };

    /// <summary>All of these alerts.</summary>
    public static IEnumerable<Alert> All => ByName.Values.SelectMany(static variants => variants.All).Append(Logged);

    /// <summary>
    /// Returns the alert with the advice for this fill of the table and of the source ports; null where the fill of the
    /// table is unknown or makes no difference.
    /// </summary>
    /// <param name="alert">The alert of the symptom.</param>
    /// <param name="view">The network namespace.</param>
    /// <param name="thresholds">The thresholds, from which the table counts as full.</param>
    public static Alert? ByFill(Alert? alert, NamespaceView view, PoolThresholds thresholds)
    {
        if (alert is null || !ByName.TryGetValue(alert.Name, out var variants))
            return null;
        if (!view.Get<ConntrackTable>().TryGet(out var table) || !table.Maximum.TryGet(out var maximum))
            return null;

        // A table without a limit always has room.
        double? utilization = maximum > 0 ? (double)table.Count / maximum : null;
        var condition = thresholds.ForPool(PoolCatalogue.ConntrackEntries).Judge(utilization);
        if (condition >= PoolCondition.Warning)
            return variants.Full;
        return SourcePortPool.IsShort(view, thresholds) switch
        {
            true => variants.NoPorts,
            false => variants.Clash,
            null => variants.Unknown,
        };
    }

    /// <summary>An alert with the advice for each cause.</summary>
    /// <param name="Full">The table is full.</param>
    /// <param name="NoPorts">Address translation has no source port left.</param>
    /// <param name="Clash">Neither the table nor source ports are the cause.</param>
    /// <param name="Unknown">Source ports were not counted.</param>
    sealed record Variants(Alert Full, Alert NoPorts, Alert Clash, Alert Unknown)
    {
        public IEnumerable<Alert> All => [Full, NoPorts, Clash, Unknown];

        public static Variants Create(Alert alert, string noPorts, string clash, string unknown) =>
            new(
                alert with
                {
                    Advice = ConntrackAlerts.Full,
                },
                alert with
                {
                    Advice = noPorts,
                },
                alert with
                {
                    Advice = clash,
                },
                alert with
                {
                    Advice = unknown,
                }
            );
    }
}
