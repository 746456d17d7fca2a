using System.Collections.Immutable;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>What rules record of pools that are at least half full, for creep to be seen.</summary>
static class RecordedUtilization
{
    /// <summary>What it is made of: the exporter leaves out what is less than half full, which is most of a fleet.</summary>
    public const string Filled = "openclaw_network_pool_filled_ratio";

    public const string Floor = Prefix + "min1h";
    public const string Rise = Prefix + "rise1d";

    const string Prefix = "instance_pool:" + Filled + ":";

    /// <summary>The list, in the order in which one needs the other.</summary>
    public static ImmutableArray<RecordedSeries> All { get; } =
    [
        new(
            Floor,
            "What was less than half full for more than three minutes of the hour has no floor. The join ignores labels instead of naming "
                + "job and instance, so that exporters of several clusters which share both in one Prometheus do not make the rule fail "
                + "with \"many-to-many matching\".",
            $"""
            min_over_time({Filled}[1h])
            and
            count_over_time({Filled}[1h])
            >= ignoring (pool, netns, subject, code) group_left ()
              0.95 * sum without (version, revision, runtime) (count_over_time(openclaw_network_exporter_build_info[1h]))
            """),
        new(
            Rise,
            "In a day; at least since half full, where it was less a day ago.",
            $"""
            {Floor} - ({Floor} offset 1d or 0 * {Floor} + 0.5) > 0
            """),
    ];
}
