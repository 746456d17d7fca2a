using System.Collections.Immutable;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Web;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Metrics;

/// <summary>The metrics of the exporter about itself.</summary>
static class ExporterFamilies
{
    const string Source = "the exporter";

    public static ImmutableArray<MetricFamily> All { get; } =
    [
        new(
            "openclaw_network_exporter_build_info",
            MetricType.Gauge,
            "The running build of the exporter.",
            Source,
            ["version", "revision", "runtime"],
            static _ => [new(1, BuildInfo.Version, BuildInfo.Revision, BuildInfo.Runtime)]
        ),
        new(
            "openclaw_network_exporter_refused_clients_total",
            MetricType.Counter,
            "Clients that were refused or disconnected: connections at their limit, requests, wrong passwords, slow "
                + "readers, cancelled requests and host names. A reason has no series until its first client.",
            Source,
            ["reason"],
            static diagnosis =>
                diagnosis.Snapshot.Get<ExporterCounts>().TryGet(out var counts)
                    ? counts
                        .Refused.Where(static refused => refused.Count > 0)
                        .Select(static refused => new Sample(refused.Count, SnakeCase.Convert(refused.Reason)))
                    : []
        ),
        new(
            "openclaw_network_exporter_dropped_log_lines_total",
            MetricType.Counter,
            "Log lines that were dropped: too many of a kind, or nobody reads the log.",
            Source,
            [],
            static diagnosis =>
                diagnosis.Snapshot.Get<ExporterCounts>().TryGet(out var counts)
                    ? [new Sample(counts.DroppedLogEvents)]
                    : []
        ),
        new(
            "openclaw_network_episodes_total",
            MetricType.Counter,
            "Problems that began since the exporter started, by pool and OpenClaw error code. The pool is empty for a "
                + "failure that no full pool explains. A kind has no series until its first problem.",
            Source,
            ["pool", "code"],
            static diagnosis =>
                diagnosis.Snapshot.Get<EpisodeCounts>().TryGet(out var counts)
                    ? counts.All.Select(static one => new Sample(one.Count, one.Pool, one.Code))
                    : []
        ),
    ];
}
