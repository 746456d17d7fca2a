using System.Collections.Immutable;
using static OpenClaw.Exporter.Tests.Alerts.RecordedNames;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>What rules record of pools that fill, for creep to be seen.</summary>
static class RecordedUtilization
{
    /// <summary>The list, in the order in which one needs the other.</summary>
    public static ImmutableArray<RecordedSeries> All { get; } =
    [
        new(
            Floor,
            "The least of an hour. What was in sight for less than the hour has none.",
            $"""
            min_over_time({Filled}[1h])
            and
            last_over_time({Filled}[5m] offset 55m)
            """),
        new(
            Rise,
            "In a day, of what runs out within two at that rate: compared with the same hour of the day before. What was less then than the "
                + "half from which the exporter shows it has risen from there on, if not by more in half a day.",
            $"""
            (
                {Floor} - {Floor} offset 1d
              or
                2 * ({Floor} - ({Floor} offset 12h or 0 * {Floor} + 0.5))
              and on (job, instance)
                last_over_time(openclaw_network_exporter_build_info[5m] offset 1d)
            )
            >= (1 - {Floor}) / 2
            """),
    ];
}
