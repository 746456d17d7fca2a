using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Alerts;

/// <summary>The rule about a pool that fills up over days, and the series recorded for it.</summary>
static class CreepRules
{
    /// <summary>Returns the rule for these pools.</summary>
    public static AlertingRule Creep(ImmutableArray<Pool> pools) =>
        new()
        {
            Name = "OpenClawPoolCreep",
            Why =
                "A leak raises the hourly minimum, so a burst does not count. The minimum must "
                + "have risen about as fast in the six hours before, within 50 %. A single step, "
                + "such as a start or moved traffic, does not count.",
            Severity = "warning",
            Expression = $"""
                {RecordedNames.Left}
                and
                abs(({RecordedNames.Left} + 21600) / {RecordedNames.Left} offset 6h - 1) < 0.5
                """,
            For = "3h",
            KeepFiringFor = "1h",
            Headline = "a pool rises from day to day and will be exhausted within two days",
            Causes = PoolRules.Names(pools),
            Summary =
                $"{PoolRules.Name}{PoolRules.Level} rises steadily, full within two days on {{{{ $labels.instance }}}}",
            Description =
                $"The hourly minimum of the pool {{{{ $labels.pool }}}} {PoolRules.Where} keeps "
                + "rising. At the rate of the last six hours the pool is exhausted in {{ $value | "
                + "humanizeDuration }}. OpenClaw then reports {{ $labels.code }}.",
            Remedy = PoolRules.Remedies(pools),
        };

    /// <summary>The recorded series.</summary>
    public static ImmutableArray<RecordingRule> Recording => [Floor, .. FloorsBefore, Left];

    /// <summary>The minimum of each pool in an hour. A rise of the minimum is a creep.</summary>
    static RecordingRule Floor =>
        new(RecordedNames.Floor, "Minimum of an hour.", $"min_over_time({RecordedNames.Filled}[1h])");

    /// <summary>The minimum six hours ago, and a day ago.</summary>
    static ImmutableArray<RecordingRule> FloorsBefore =>
        [
            new(
                RecordedNames.SixHoursAgo,
                "A separate rule: an expression reads all of its series as far back as any one of them.",
                $"{RecordedNames.Floor} offset 6h"
            ),
            new(RecordedNames.DayAgo, "The same for one day.", $"{RecordedNames.Floor} offset 1d"),
        ];

    /// <summary>The seconds until a pool is exhausted, where they are few.</summary>
    static RecordingRule Left =>
        new(
            RecordedNames.Left,
            "Seconds until the pool is exhausted, at the rate of the last six hours. Only "
                + "values below 54 hours are kept; six of these pass before the alert fires. Few "
                + "pools qualify, so the closer check reads little. A pool with data from a day ago "
                + "must also have risen since then, by twice its rise of six hours. A daily rhythm "
                + "does not do that.",
            $"""
            21600 * (1 - {RecordedNames.Floor}) / ({RecordedNames.Floor} - {RecordedNames.SixHoursAgo}) >= 0 < 194400
            unless
            {RecordedNames.Floor} + {RecordedNames.DayAgo} > 2 * {RecordedNames.SixHoursAgo}
            """
        );
}
