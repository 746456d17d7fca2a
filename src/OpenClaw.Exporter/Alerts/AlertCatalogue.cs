using System.Collections.Immutable;

namespace OpenClaw.Exporter.Alerts;

/// <summary>The list of alerting rules, in the groups in which Prometheus evaluates them.</summary>
static class AlertCatalogue
{
    /// <summary>The groups, in the order of the file.</summary>
    public static ImmutableArray<RuleGroup> Groups { get; } =
    [
        new("", "A pool that is full or will be.", PoolRules.All),
        new(
            "-failures",
            "What fails already. The exporter counts for how many quarters of a minute of the last five it has: "
                + "every counter of every machine, read here at each evaluation, would take a Prometheus longer "
                + "than all other rules together.",
            [.. FailureRules.All, .. RefusalRules.All]
        ),
        new("-drift", "What will fail at the next restart, or slowly.", DriftRules.All)
        {
            Interval = "1m",
            Recording = [DriftRules.NamespacesBefore, ExporterRules.NewlyRefused],
        },
        new("-exporter", "The exporter itself.", ExporterRules.Failing) { Recording = [ExporterRules.Present] },
        new(
            "-creep",
            "Over a day nothing is lost by looking at intervals; in between Prometheus keeps the alerts as they are.",
            CreepRules.Creep
        )
        {
            Interval = "15m",
            Recording = CreepRules.Recording,
        },
    ];

    /// <summary>Every alerting rule.</summary>
    public static ImmutableArray<AlertingRule> All { get; } = [.. Groups.SelectMany(static group => group.Alerting)];
}
