using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Processes;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The families about the open descriptors of the watched processes. For each name, the process that the pool of
/// descriptors shows.
/// </summary>
static class ProcessFamilies
{
    const string Prefix = "openclaw_network_";

    public static ImmutableArray<MetricFamily> All { get; } =
    [
        new(
            Prefix + "process_descriptors",
            MetricType.Gauge,
            "Descriptors of the fullest watched process of this name by kind: socket, file "
                + "(anything with a path), pipe, epoll, other. No series for a kind without "
                + "descriptors. Estimated from a sample when the watched processes have more than "
                + string.Create(CultureInfo.InvariantCulture, $"{WatchedDescriptors.CountedAtMost:N0} together."),
            "/proc/PID/fd/*",
            ["process", "kind"],
            static diagnosis =>
                diagnosis.Snapshot.Get<WatchedDescriptors>().TryGet(out var watched)
                    ? Levels(diagnosis)
                        .SelectMany(level =>
                            watched.ByPid.TryGetValue(level.Pid!.Value, out var reading)
                            && reading.TryGet(out var kinds)
                                ? kinds
                                    .ByName.Where(static kind => kind.Count > 0)
                                    .Select(kind => new Sample(kind.Count, level.Subject, kind.Name))
                                : []
                        )
                    : []
        )
        {
            Capability = Privileges.CapabilityOf("watched_descriptors"),
        },
        new(
            Prefix + "process_file_descriptors_growth_per_hour",
            MetricType.Gauge,
            "Growth per hour of the descriptors of the fullest watched process of this name, "
                + $"sampled over the last {DescriptorGrowth.Span.TotalMinutes} minutes. Absent "
                + $"during the first {DescriptorGrowth.Shortest.TotalMinutes} minutes.",
            "/proc/PID/fd, over time",
            ["process"],
            static diagnosis =>
                diagnosis.Snapshot.Get<DescriptorGrowth>().TryGet(out var growth)
                    ? Levels(diagnosis)
                        .Where(level => growth.PerHourByPid.ContainsKey(level.Pid!.Value))
                        .Select(level => new Sample(growth.PerHourByPid[level.Pid!.Value], level.Subject))
                    : []
        ),
    ];

    static ImmutableArray<PoolLevel> Levels(Diagnosis diagnosis) =>
        diagnosis.Evaluation.ByPool[PoolCatalogue.ProcessFileDescriptors].Own.Levels.TryGet(out var levels)
            ? levels
            : [];
}
