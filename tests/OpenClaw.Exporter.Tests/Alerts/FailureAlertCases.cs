using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Tests;

/// <summary>Renders promtool's unit tests of the failure alerts. Every symptom runs through the same cases.</summary>
static class FailureAlertCases
{
    /// <summary>The path of the committed file.</summary>
    public const string Path = "alerts/tests/failures.test.yml";

    /// <summary>
    /// Each failure's rule, the labels of its series without job and instance, and the alert's namespace.
    /// </summary>
    static IEnumerable<(AlertingRule Rule, string Labels, string Netns)> Series =>
        FailureRules.Alerts.Zip(FailureRules.All, static (alert, rule) =>
        {
            var netns = FailureRules
                .CountersOf(alert)
                .Any(static counter => counter.Scope == PoolScope.NetworkNamespace)
                ? "self"
                : "";
            var labels =
                $"alarm=\"{alert.Name}\", netns=\"{netns}\", code=\"{rule.Code}\", pool=\"{rule.Pool}\", "
                + $"severity=\"{rule.Severity}\"";
            return (rule, labels, netns);
        });

    /// <summary>The whole file.</summary>
    public static string Render() =>
        $$"""
            # Written by AlertRulesTests from the list of failures: change FailureAlertCases.cs, then run the tests with
            # OPENCLAW_UPDATE_GENERATED=1. Run with: promtool test rules {{Path}}
            # What the exporter counts as failing, its own tests say; here is what becomes of it.
            rule_files:
              - ../openclaw-network.rules.yml
            evaluation_interval: 15s

            tests:
              - name: what fails in the third quarter of a minute pages a minute and a half later, the rest three minutes, until it is out of sight for two and a half and a minute more
                interval: 15s
                input_series:
            {{Input("_x4 15+15x18 300x20 285-15x10 stale")}}
                promql_expr_test:
            {{Firing("2m45s")}}
            {{Firing("3m", static isCritical => isCritical)}}
            {{Firing("4m15s", static isCritical => isCritical)}}
            {{Firing("4m30s", static _ => true)}}
            {{Firing("17m", static _ => true)}}
            {{Firing("17m15s")}}

              - name: so does what is said once, in the minutes in which the exporter takes it to last
                interval: 1m
                input_series:
            {{Input("_ 45x3 stale")}}
                promql_expr_test:
            {{Firing("2m15s")}}
            {{Firing("2m30s", static isCritical => isCritical)}}
            {{Firing("4m", static _ => true)}}
            {{Firing("7m30s", static _ => true)}}
            {{Firing("7m45s")}}

              # Not a gap of one evaluation in ten minutes, which are 41.
              - name: what fails every 75 seconds is reported at a scrape every 30 seconds of which each fifth is lost
                interval: 30s
                input_series:
            {{Input(Scraped(30, 5))}}
                promql_expr_test: [&all {expr: 'count(count_over_time(ALERTS{alertstate="firing"}[10m]) == 41)', eval_time: 20m, exp_samples: [{labels: '{}', value: {{Series.Count()}}}]}]

              - name: and at one every minute of which each fifth is lost
                interval: 1m
                input_series:
            {{Input(Scraped(60, 5))}}
                promql_expr_test: [*all]

              - name: just below that, in two quarters of a minute, is silent
                interval: 15s
                input_series:
            {{Input("30x90")}}
                promql_expr_test: [&never {expr: 'count_over_time(ALERTS{alertstate="firing"}[20m])', eval_time: 20m}]

              - name: a burst that one scrape finds first, and that falls between two quarters of a minute, is silent
                interval: 15s
                input_series:
            {{Input("_x20 15 30x11 15x8 stale")}}
                promql_expr_test: [*never]

              - name: a machine or an exporter that starts again counts from nothing, and one that had failed twice is silent
                interval: 15s
                input_series:
            {{Input("_x4 15 30 _x6 15 30x11 stale")}}
                promql_expr_test: [*never]

              - name: one that goes on failing after it started again is reported without a gap
                interval: 15s
                input_series:
            {{Input("_x4 15+15x19 300x10 _x4 15+15x19 300x40")}}
                promql_expr_test:
                  - {expr: 'count(count_over_time(ALERTS{alertstate="firing"}[10m]) == 41)', eval_time: 16m, exp_samples: [{labels: '{}', value: {{Series.Count()}}}]}

              - name: what was never read, or is read no more, is silent
                interval: 15s
                input_series:
            {{Input("_x4 15 30 _x80")}}
                promql_expr_test: [*never]

            """;

    /// <summary>
    /// The values of failing_seconds for a failure every 75 seconds, scraped at this interval. A scrape in <paramref
    /// name="lost"/> is lost.
    /// </summary>
    static string Scraped(int seconds, int lost) =>
        string.Join(
            ' ',
            Enumerable
                .Range(0, 1200 / seconds + 1)
                .Select(scrape =>
                    scrape % lost == lost - 1 ? "stale" : $"{15 * Math.Min(scrape * seconds / 75 + 1, 4)}"
                )
        );

    static string Input(string values) =>
        string.Join(
            '\n',
            Series.Select(series =>
                $$"""
                          - series: openclaw_network_failing_seconds{job="exporter", instance="a", {{series.Labels}}}
                            values: {{values}}
                    """
            )
        );

    static string Firing(string time, Func<bool, bool>? which = null)
    {
        var samples = Series
            .Where(series => which?.Invoke(series.Rule.Severity == "critical") ?? false)
            .Select(static series =>
                $$$"""
                              - labels: ALERTS{{{{Labels(series.Rule, series.Netns)}}}}
                                value: 1

                    """
            );
        var list = string.Concat(samples).TrimEnd();
        return $$"""
                      - expr: ALERTS{alertstate="firing"}
                        eval_time: {{time}}
                """ + (list.Length == 0 ? "" : "\n        exp_samples:\n" + list);
    }

    static string Labels(AlertingRule rule, string netns) =>
        string.Join(
            ", ",
            new (string Name, string Value)[]
            {
                ("alertname", rule.Name),
                ("alertstate", "firing"),
                ("severity", rule.Severity),
                ("code", rule.Code),
                ("pool", rule.Pool),
                ("job", "exporter"),
                ("instance", "a"),
                ("netns", netns),
            }
                .Where(static label => label.Value.Length > 0)
                .Select(static label => $"{label.Name}=\"{label.Value}\"")
        );
}
