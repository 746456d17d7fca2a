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
            new("", "Pools that are full or will be soon.", PoolRules.List(pools)),
            new(
                "-failures",
                "Present failures. The exporter counts in how many of the last twenty slots of 15 "
                    + "seconds each was present. Reading every counter of every machine here would cost "
                    + "Prometheus more than all other rules together.",
                [.. FailureRules.All, .. RefusalRules.All, .. GatewayRules.All]
            ),
            new("-drift", "Future failures: settings that change at the next restart, and slow leaks.", DriftRules.All)
            {
                Interval = "1m",
                Recording = [DriftRules.NamespacesBefore, ExporterRules.NewlyRefused],
            },
            new("-exporter", "The exporter itself.", ExporterRules.Failing) { Recording = [ExporterRules.Present] },
            new(
                "-creep",
                "A day-long trend does not need frequent evaluation. In between, Prometheus keeps "
                    + "the alerts as they are.",
                CreepRules.Creep(pools)
            )
            {
                Interval = "15m",
                Recording = CreepRules.Recording,
            },
        ];
}
