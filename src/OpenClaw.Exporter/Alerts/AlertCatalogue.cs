using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Alerts;

/// <summary>The list of alerting rules, in the groups in which Prometheus evaluates them.</summary>
static class AlertCatalogue
{
    /// <summary>The groups, in the order of the file.</summary>
    public static ImmutableArray<RuleGroup> Groups { get; } = ListGroups(PoolCatalogue.All);

    /// <summary>Every alerting rule.</summary>
    public static ImmutableArray<AlertingRule> All { get; } = [.. Groups.SelectMany(static group => group.Alerting)];

    /// <summary>Lists the groups for these pools.</summary>
    public static ImmutableArray<RuleGroup> ListGroups(ImmutableArray<Pool> pools) =>
        [
            new("", "A pool that is full or will be.", PoolRules.List(pools)),
            new(
                "-failures",
                "What fails already. The exporter counts for how many quarters of a minute of the last five it has: "
                    + "every counter of every machine, read here at each evaluation, would take a Prometheus longer "
                    + "than all other rules together.",
                [.. FailureRules.All, .. RefusalRules.All, .. GatewayRules.All]
            ),
            new("-drift", "What will fail at the next restart, or slowly.", DriftRules.All)
            {
                Interval = "1m",
                Recording = [DriftRules.NamespacesBefore, ExporterRules.NewlyRefused],
            },
            new("-exporter", "The exporter itself.", ExporterRules.Failing) { Recording = [ExporterRules.Present] },
            new(
                "-creep",
                "Over a day nothing is lost by looking at intervals; in between Prometheus keeps the alerts as they "
                    + "are.",
                CreepRules.Creep(pools)
            )
            {
                Interval = "15m",
                Recording = CreepRules.Recording,
            },
        ];
}
