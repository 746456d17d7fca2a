using System.Globalization;
using OpenClaw.Exporter.Pools;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>promtool's unit tests of the alerts about failures, rendered: each symptom in one and the same story, on a machine of its own.</summary>
static class FailureAlertCases
{
    /// <summary>Where the rendered file is committed.</summary>
    public const string Path = "alerts/tests/failures.test.yml";

    /// <summary>How a symptom says that it goes on.</summary>
    enum Kind
    {
        /// <summary>By a count that rises.</summary>
        Counter,

        /// <summary>By a count that rises when it begins.</summary>
        Beginnings,

        /// <summary>By messages of the kernel.</summary>
        Again,

        /// <summary>By one message of the kernel.</summary>
        Once,
    }

    /// <summary>Each symptom that an alert is about: its series, without job and instance, and the labels that the alert then has.</summary>
    static IEnumerable<(FailureAlert Failure, string Instance, string Metric, Kind Kind, string Labels, string AlertLabels)> Series =>
        FailureAlert.All.SelectMany(static failure => failure.Counters.Select(counter =>
            {
                var labels = string.Concat(counter.Labels.Select(static label => $", {label}=\"some\"")) + (counter.Scope == PoolScope.NetworkNamespace ? ", netns=\"self\"" : "");
                return (failure, counter.Name, FailureAlert.MetricOf(counter), failure.CountsBeginnings ? Kind.Beginnings : Kind.Counter, labels, labels);
            })
            .Concat(failure.KernelLogKinds.Select(kind => (
                failure, kind, "openclaw_network_kernel_log_event_timestamp_seconds", FailureAlert.IsLoggedOnce(kind) ? Kind.Once : Kind.Again,
                $", kind=\"{kind}\", netns=\"pod\"", ", netns=\"pod\""))));

    /// <summary>The whole file.</summary>
    public static string Render() => $$"""
        # Written by AlertRulesTests from the list of failures: change FailureAlertCases.cs, then run the tests with
        # OPENCLAW_UPDATE_GENERATED=1. Run with: promtool test rules {{Path}}
        rule_files:
          - ../openclaw-network.rules.yml
        evaluation_interval: 15s

        tests:
          - name: what goes on failing pages a minute after the third scrape that found more of it, the rest three minutes later, and until a minute after there are not three in six minutes
            interval: 15s
            input_series:
        {{Input("5x4 6+1x60 66x60", "5x4 6+1x60 66x60", "_x4 60 75 90+15x58 960x60", "_x4 60 75 90+15x58 960x60")}}
            promql_expr_test:
        {{Firing("1m45s")}}
        {{Firing("2m15s")}}
        {{Firing("2m30s", static (kind, isCritical) => isCritical && kind == Kind.Once)}}
        {{Firing("2m45s", static (_, isCritical) => isCritical)}}
        {{Firing("4m45s", static (_, isCritical) => isCritical)}}
        {{Firing("5m", static (kind, isCritical) => isCritical || kind == Kind.Once)}}
        {{Firing("5m30s", static (kind, isCritical) => isCritical || kind is Kind.Once or Kind.Beginnings)}}
        {{Firing("5m45s", static (_, _) => true)}}
        {{Firing("22m15s", static (_, _) => true)}}
        {{Firing("22m30s", static (kind, _) => kind is not Kind.Again)}}
        {{Firing("22m45s", static (kind, _) => kind is Kind.Beginnings or Kind.Once)}}
        {{Firing("23m15s")}}

          # Not a gap of one evaluation in ten minutes, which are 41.
          - name: five hundred failures every 75 seconds are reported at a scrape every 30 seconds of which each fifth is lost
            interval: 30s
            input_series:
        {{Input(Bursts(30, 5), Bursts(30, 5), Times(30, 5), Times(30, 5))}}
            promql_expr_test: [&all {expr: 'count(count_over_time(ALERTS{alertstate="firing"}[10m]) == 41)', eval_time: 20m, exp_samples: [{labels: '{}', value: {{Series.Count()}}}]}]

          - name: and at one every minute of which each fifth is lost
            interval: 1m
            input_series:
        {{Input(Bursts(60, 5), Bursts(60, 5), Times(60, 5), Times(60, 5))}}
            promql_expr_test: [*all]

          - name: just below that, two scrapes of more than six minutes, is silent
            interval: 15s
            input_series:
        {{Input("1x4 2 3x24 4 5x24 6 7x24", "1x90", "60x4 75 90x24 480 495x24 900", "-600x90")}}
            promql_expr_test: [&never {expr: 'count_over_time(ALERTS{alertstate="firing"}[20m])', eval_time: 20m}]

          - name: the failures of one scrape, and of the next if they fall between the two, are silent, unless that is all that is ever said
            interval: 15s
            input_series:
        {{Input("5x20 505 905x60", "5x20 6x60", "_x20 300 315x60", "_x20 300x60")}}
            promql_expr_test:
        {{Firing("6m30s", static (kind, isCritical) => isCritical && kind == Kind.Once)}}
        {{Firing("9m30s", static (kind, _) => kind is Kind.Once or Kind.Beginnings)}}
              - expr: count_over_time(ALERTS{alertstate="firing", instance!~"{{string.Join('|', Series.Where(static series => series.Kind is Kind.Once or Kind.Beginnings).Select(static series => series.Instance))}}"}[20m])
                eval_time: 20m

          - name: a machine that starts again, counts from zero, fails once, and has old messages, is silent
            interval: 15s
            input_series:
        {{Input("500x20 _x4 0x3 20x60", "500x20 _x4 0x60", "60x20 _x4 _x60", "-600x60")}}
            promql_expr_test: [*never]

          - name: a machine that goes on failing after it started again is reported
            interval: 15s
            input_series:
        {{Input("500x20 _x4 0+1x60", "500x20 _x4 0x2 1x60", "_x24 360+15x60", "_x24 390x60")}}
            promql_expr_test:
        {{Firing("12m30s", static (_, _) => true)}}

          - name: what was never read, or is read no more, is silent
            interval: 15s
            input_series:
        {{Input("5x4 6 7x2 _x80", "5x4 _x80", "_x80", "_x80")}}
            promql_expr_test: [*never]

        """;

    /// <summary>A count that rises by 500 every 75 seconds, at a scrape every so many seconds of which each so manieth is lost.</summary>
    static string Bursts(int seconds, int lost) => Scraped(seconds, lost, static time => 500 * (time / 75));

    /// <summary>The time of a message that comes every 75 seconds.</summary>
    static string Times(int seconds, int lost) => Scraped(seconds, lost, static time => 75 * (time / 75));

    static string Scraped(int seconds, int lost, Func<int, int> valueAt) => string.Join(' ', Enumerable.Range(0, 1200 / seconds + 1)
        .Select(scrape => scrape % lost == lost - 1 ? "stale" : valueAt(scrape * seconds).ToString(CultureInfo.InvariantCulture)));

    static string Input(string counts, string beginnings, string times, string once) => string.Join('\n', Series.Select(series => $$"""
              - series: {{series.Metric}}{job="exporter", instance="{{series.Instance}}"{{series.Labels}}}
                values: {{series.Kind switch { Kind.Counter => counts, Kind.Beginnings => beginnings, Kind.Again => times, _ => once }}}
        """));

    static string Firing(string time, Func<Kind, bool, bool>? which = null)
    {
        var samples = Series
            .Where(series => which?.Invoke(series.Kind, series.Failure.IsCritical) ?? false)
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
