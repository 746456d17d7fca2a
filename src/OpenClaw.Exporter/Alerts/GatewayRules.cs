using System.Collections.Immutable;

namespace OpenClaw.Exporter.Alerts;

/// <summary>
/// The rules about the OpenClaw Gateway itself. They have no code: a Gateway in this state logs nothing, or not yet.
/// </summary>
static class GatewayRules
{
    /// <summary>The delay of the event loop from which the status page calls it late.</summary>
    const int LateSeconds = 1;

    /// <summary>The rules.</summary>
    public static ImmutableArray<AlertingRule> All => [Down, Slow, MetricsLost];

    static AlertingRule Down =>
        new()
        {
            Name = "OpenClawGatewayDown",
            Why =
                "A restart takes about ten seconds, half a minute on a busy machine. A Gateway that ended counts as "
                + "unhealthy for 15 minutes.",
            Severity = "critical",
            Expression = "last_over_time(openclaw_network_gateway_healthy[150s]) == 0",
            For = "2m",
            KeepFiringFor = "1m",
            Headline = "the OpenClaw Gateway does not answer, or ended",
            Summary = "the OpenClaw Gateway does not answer, or ended, on {{ $labels.instance }}",
            Description =
                "The Gateway's health address does not answer that it is healthy, or the Gateway ended and was not "
                + "started again.",
            Remedy =
                "openclaw-exporter diagnose on the host has a line for each Gateway and names what is exhausted. Start "
                + "the Gateway again: openclaw gateway restart",
        };

    static AlertingRule Slow =>
        new()
        {
            Name = "OpenClawGatewaySlow",
            Why =
                "For five minutes, since each start has a time in which the Gateway is not ready and its event loop "
                + "is busy.",
            Severity = "warning",
            Expression = $"""
                last_over_time(openclaw_network_gateway_ready[150s]) == 0
                or
                last_over_time(openclaw_network_gateway_event_loop_delay_seconds[150s]) >= {LateSeconds}
                """,
            For = "5m",
            KeepFiringFor = "1m",
            Headline = "the OpenClaw Gateway is not ready, or its event loop is late",
            Summary = "the OpenClaw Gateway is not ready, or its event loop is late, on {{ $labels.instance }}",
            Description =
                "The Gateway answers, but does not take work, or takes a second and more for each step. Connections "
                + "wait in its accept queue meanwhile.",
            Remedy =
                "The status page names the part that the Gateway waits for, or the delay of its event loop. See what "
                + "the Gateway does: its log, and the CPU of its process.",
        };

    static AlertingRule MetricsLost =>
        new()
        {
            Name = "OpenClawGatewayMetricsLost",
            Why =
                "Fires only where the Gateway's own metrics were scraped in the last hour. So it is silent without "
                + "the plugin, and an hour after its removal. The two targets are on one host and have different "
                + "ports.",
            Severity = "warning",
            Expression = $"""
                (
                    group by (job, instance, host) ({OfHost("last_over_time(openclaw_gateway_build_info[1h])")})
                  unless on (job, instance)
                    openclaw_gateway_build_info
                )
                and on (host)
                  {OfHost("last_over_time(openclaw_network_gateway_healthy[150s]) == 1")}
                """,
            For = "10m",
            KeepFiringFor = "1m",
            Headline = "the Gateway answers, but its own metrics are no longer scraped",
            Summary = "the Gateway answers, but its own metrics are no longer scraped from {{ $labels.instance }}",
            Description =
                "The exporter on this host sees a healthy Gateway, and Prometheus had openclaw_gateway_build_info from "
                + "it in the last hour and has none now.",
            Remedy =
                "See why the scrape fails on the page Targets of Prometheus: 401 is the token, 404 the plugin "
                + "diagnostics-prometheus.",
        };

    /// <summary>Returns an expression with the label host: the target without its port.</summary>
    static string OfHost(string expression) =>
        $"""label_replace({expression}, "host", "$1", "instance", "(.+?)(:\\d+)?")""";
}
