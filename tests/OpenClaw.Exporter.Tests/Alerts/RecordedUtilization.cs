using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Pools;
using static OpenClaw.Exporter.Tests.Alerts.RecordedNames;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>What rules record of pools that fill, for creep to be seen.</summary>
static class RecordedUtilization
{
    /// <summary>The utilisation from which some pools run out.</summary>
    public const double EarlyEnd = 0.5;

    /// <summary>Every pool but the first ones has a series from here on, and those do by twice as much.</summary>
    const double Begin = 0.27;

    /// <summary>Selects the pools that run out when they are full.</summary>
    public static string Whole => $$"""{pool!~"{{EarlyPools}}"}""";

    /// <summary>Selects those that run out before, as orphans do.</summary>
    public static string Early => $$"""{pool=~"{{EarlyPools}}"}""";

    /// <summary>The list, in the order in which one needs the other.</summary>
    public static ImmutableArray<RecordedSeries> All { get; } =
    [
        new(
            Floor,
            "The least of an hour, as a part of where the pool runs out: for orphans that is half. What was in sight for less than the hour has none.",
            string.Create(CultureInfo.InvariantCulture, $"""
            (
                min_over_time({Filled}{Whole}[1h])
              or
                min_over_time({Filled}{Early}[1h]) / {EarlyEnd}
            )
            and
            last_over_time({Filled}[5m] offset 55m)
            """)),
        new(
            Rise,
            "In a day, of what runs out within two at that rate: compared with the same hour of the day before. What was less then than the "
                + "exporter shows, which was there, has risen from there on, if not by more in half a day.",
            string.Create(CultureInfo.InvariantCulture, $"""
            (
                {Floor} - {Floor} offset 1d
              or
                2 * ({Floor} - ({Floor} offset 12h or 0 * {Floor} + {Begin}))
              and on (job, instance)
                last_over_time(openclaw_network_exporter_build_info[5m] offset 1d)
            )
            >= (1 - {Floor}) / 2
            """)),
    ];

    static string EarlyPools => string.Join('|', PoolCatalogue.All.Where(static pool => pool.CriticalRatio <= EarlyEnd).Select(static pool => pool.Name));
}
