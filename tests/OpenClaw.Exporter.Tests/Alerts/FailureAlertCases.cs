using OpenClaw.Exporter.Pools;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>promtool's unit tests of the alerts about failures, rendered: each symptom in one and the same story, on a machine of its own.</summary>
static class FailureAlertCases
{
    /// <summary>Where the rendered file is committed.</summary>
    public const string Path = "alerts/tests/failures.test.yml";

    /// <summary>Each symptom that an alert is about: its series, without job and instance, and the labels that the alert then has.</summary>
    static IEnumerable<(FailureAlert Failure, string Instance, string Metric, bool IsCounter, string Labels, string AlertLabels)> Series =>
        FailureAlert.All.SelectMany(static failure => failure.Counters.Select(counter =>
            {
                var labels = string.Concat(counter.Labels.Select(static label => $", {label}=\"some\"")) + (counter.Scope == PoolScope.NetworkNamespace ? ", netns=\"self\"" : "");
                return (failure, counter.Name, FailureAlert.MetricOf(counter), true, labels, labels);
            })
            .Concat(failure.KernelLogKinds.Select(kind =>
                (failure, kind, "openclaw_network_kernel_log_event_timestamp_seconds", false, $", kind=\"{kind}\", netns=\"pod\"", ", netns=\"pod\""))));

    /// <summary>The whole file.</summary>
    public static string Render() => $$"""
        # Written by AlertRulesTests from the list of failures: change FailureAlertCases.cs, then run the tests with
        # OPENCLAW_UPDATE_GENERATED=1. Run with: promtool test rules {{Path}}
        rule_files:
          - ../openclaw-network.rules.yml
        evaluation_interval: 15s

        tests:
          - name: what goes on failing is reported in its third minute or its eighth, and until two minutes after it ended
            interval: 15s
            input_series:
        {{Input("5x4 6+1x60 66x60", "_x4 60 75 90+15x58 960x60")}}
            promql_expr_test:
        {{Firing("1m15s")}}
        {{Firing("2m")}}
        {{Firing("2m15s", static alert => alert is { IsCounter: true, Failure.IsCritical: true })}}
        {{Firing("2m30s", static alert => alert.Failure.IsCritical)}}
        {{Firing("7m", static alert => alert.Failure.IsCritical)}}
        {{Firing("7m15s", static alert => alert.Failure.IsCritical || alert.IsCounter)}}
        {{Firing("7m30s", static _ => true)}}
        {{Firing("19m", static _ => true)}}
        {{Firing("19m15s", static alert => !alert.IsCounter)}}
        {{Firing("22m30s", static alert => !alert.IsCounter)}}
        {{Firing("22m45s")}}

          - name: just below that, a failure in every other minute, is silent
            interval: 15s
            input_series:
        {{Input("1x7 2x7 3x7 4x7 5x7 6x7 7x7 8x7", "60x20 360x20 660x20 960x20")}}
            promql_expr_test: [&never {expr: 'count_over_time(ALERTS{alertstate="firing"}[20m])', eval_time: 20m}]

          - name: the failures of one scrape are silent
            interval: 15s
            input_series:
        {{Input("5x20 905x60", "_x20 300x60")}}
            promql_expr_test: [*never]

          - name: a machine that starts again, and counts from zero, is silent
            interval: 15s
            input_series:
        {{Input("500x20 _x4 0x60", "60x20 _x4 _x60")}}
            promql_expr_test: [*never]

          - name: what was never read, or is read no more, is silent
            interval: 15s
            input_series:
        {{Input("5x4 6x2 _x80", "_x80")}}
            promql_expr_test: [*never]

        """;

    static string Input(string counts, string times) => string.Join('\n', Series.Select(series => $$"""
              - series: {{series.Metric}}{job="exporter", instance="{{series.Instance}}"{{series.Labels}}}
                values: {{(series.IsCounter ? counts : times)}}
        """));

    static string Firing(string time, Func<(FailureAlert Failure, bool IsCounter), bool>? which = null)
    {
        var samples = Series
            .Where(series => which?.Invoke((series.Failure, series.IsCounter)) ?? false)
            .Select(static series => $$"""
                          - labels: ALERTS{alertname="{{series.Failure.Alert.Name}}", alertstate="firing", severity="{{series.Failure.Alert.Severity}}", code="{{series.Failure.Alert.Code}}"{{(series.Failure.Alert.Pool.Length == 0 ? "" : $", pool=\"{series.Failure.Alert.Pool}\"")}}, job="exporter", instance="{{series.Instance}}"{{series.AlertLabels}}}
                            value: 1

                """);
        var list = string.Concat(samples).TrimEnd();
        return $$"""
                  - expr: ALERTS{alertstate="firing"}
                    eval_time: {{time}}
            """ + (list.Length == 0 ? "" : "\n        exp_samples:\n" + list);
    }
}
