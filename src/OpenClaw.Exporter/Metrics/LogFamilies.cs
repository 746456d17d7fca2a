using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;

namespace OpenClaw.Exporter.Metrics;

/// <summary>The families about the errors in OpenClaw's log that are no symptoms of their own.</summary>
static class LogFamilies
{
    public static ImmutableArray<MetricFamily> All { get; } =
    [
        new(
            "openclaw_network_log_errors_total",
            MetricType.Counter,
            "Errors of the Gateway in the OpenClaw log by errno and failed call, since the "
                + "exporter started. Requires --openclaw.log. clw_errors_total counts each error "
                + "too. No series before the first error.",
            "the OpenClaw log",
            ["errno", "call"],
            static diagnosis =>
                diagnosis.Snapshot.Get<ClwErrors>().TryGet(out var errors)
                    ? errors.Errnos.Select(static seen => new Sample(seen.Count, seen.Errno, seen.Call))
                    : []
        ),
    ];
}
