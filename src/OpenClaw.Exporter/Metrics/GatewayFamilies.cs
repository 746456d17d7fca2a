using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The families about the health of the OpenClaw Gateway. A value that it does not tell has no series, and is never 0.
/// </summary>
static class GatewayFamilies
{
    const string Prefix = "openclaw_network_gateway_";

    const string Several = " The worst of several Gateways.";

    public static ImmutableArray<MetricFamily> All { get; } =
    [
        Family(
            "healthy",
            "1 when the OpenClaw Gateway reports that it is healthy, at its loopback address "
                + "or at --openclaw.health-url. 0 when it does not, does not answer, or ended in "
                + "the last 15 minutes."
                + Several,
            "the Gateway's health address",
            static health => health.IsHealthy ? 1 : 0
        ),
        Family(
            "ready",
            "1 when the OpenClaw Gateway is ready for work. 0 while it starts, drains or "
                + "waits for one of its parts."
                + Several,
            "/readyz: ready",
            static health => Number(health.Readiness?.IsReady)
        ),
        Family(
            "event_loop_delay_seconds",
            "Delay of the event loop of the Gateway in the last seconds, 99th percentile. "
                + "During a delay, connections wait in the accept queue."
                + Several,
            "/readyz: eventLoop.delayP99Ms",
            static health => health.Readiness?.DelaySeconds
        ),
        Family(
            "event_loop_utilization_ratio",
            "Share of time that the event loop of the Gateway is busy, 0 to 1." + Several,
            "/readyz: eventLoop.utilization",
            static health => health.Readiness?.Utilization
        ),
        Family(
            "uptime_seconds",
            "Time since the Gateway started. The youngest of several Gateways.",
            "/readyz: uptimeMs",
            static health => health.Readiness?.UptimeSeconds
        ),
    ];

    static double? Number(bool? truth)
    {
        if (truth is null)
            return null;
        return truth.Value ? 1 : 0;
    }

    static MetricFamily Family(string name, string help, string source, Func<GatewayHealth, double?> read) =>
        new(Prefix + name, MetricType.Gauge, help, source, [], diagnosis =>
            diagnosis.Snapshot.Get<GatewayHealth>().TryGet(out var health) && read(health) is { } value
                ? [new(value)]
                : []
        );
}
