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
                "What leaks has a floor that rises, so a burst does not count. It has to have risen as fast in the "
                + "six hours before, give or take half of that, which is when there were six hours more left: "
                + "what grew "
                + "at once, at a start or a move of traffic, does not creep.",
            Severity = "warning",
            Expression = $"""
                {RecordedNames.Left}
                and
                abs(({RecordedNames.Left} + 21600) / {RecordedNames.Left} offset 6h - 1) < 0.5
                """,
            For = "3h",
            KeepFiringFor = "1h",
            Headline = "a pool creeps up from day to day and will be exhausted within two",
            Causes = PoolRules.Names(pools),
            Summary =
                $"{PoolRules.Name}{PoolRules.Subject} creeps up and will be exhausted within two days "
                + "on {{ $labels.instance }}",
            Description =
                $"The least that is used in an hour of the pool {{{{ $labels.pool }}}} {PoolRules.Where} "
                + "rises and rises: if it goes on as in the last six hours, "
                + "that is all of it in {{ $value | humanizeDuration }}; OpenClaw then reports {{ $labels.code }}.",
            Remedy = PoolRules.Remedies(pools),
        };

    /// <summary>The recorded series.</summary>
    public static ImmutableArray<RecordingRule> Recording => [Floor, .. FloorsBefore, Left];

    /// <summary>The minimum of each pool in an hour. A rise of the minimum is a creep.</summary>
    static RecordingRule Floor =>
        new(RecordedNames.Floor, "The least of an hour.", $"min_over_time({RecordedNames.Filled}[1h])");

    /// <summary>The minimum six hours ago, and a day ago.</summary>
    static ImmutableArray<RecordingRule> FloorsBefore =>
        [
            new(
                RecordedNames.SixHoursAgo,
                "By itself, since an expression looks for all that it reads as far back as for any of it.",
                $"{RecordedNames.Floor} offset 6h"
            ),
            new(RecordedNames.DayAgo, "The same for a day.", $"{RecordedNames.Floor} offset 1d"),
        ];

    /// <summary>The seconds until a pool is exhausted, where they are few.</summary>
    static RecordingRule Left =>
        new(
            RecordedNames.Left,
            "Seconds until it is all of the pool if it goes on as in the last six hours; only where they are less than "
                + "54 hours, of which six pass before anybody is told. That is rare, so that what looks closer reads "
                + "little. Whoever was seen a day ago has to have risen since then, too, by twice what it did in six "
                + "hours, which the rhythm of a day does not.",
            $"""
            21600 * (1 - {RecordedNames.Floor}) / ({RecordedNames.Floor} - {RecordedNames.SixHoursAgo}) >= 0 < 194400
            unless
            {RecordedNames.Floor} + {RecordedNames.DayAgo} > 2 * {RecordedNames.SixHoursAgo}
            """
        );
}
