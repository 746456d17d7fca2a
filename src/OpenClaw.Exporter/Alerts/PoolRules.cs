using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Alerts;

/// <summary>The rules about a pool that is full, or will be full within half an hour.</summary>
static class PoolRules
{
    const string Metric = "openclaw_network_pool_exceeded_ratio";

    /// <summary>Lists the rules for these pools.</summary>
    public static ImmutableArray<AlertingRule> List(ImmutableArray<Pool> pools) =>
        [
            new()
            {
                Name = "OpenClawPoolCritical",
                Why =
                    "Two scrapes of three minutes, because calls fail already or are about to: one alone pages "
                    + "nobody, at whatever interval, and neither a scrape that is lost nor a pool that goes back and "
                    + "forth over the threshold hides it. It stays for longer than any failure that a full pool causes "
                    + "is in sight, or the effect would page once its cause is mended.",
                Severity = "critical",
                Expression = $$"""
                    last_over_time({{Metric}}{severity="critical"}[3m])
                    and
                    count_over_time({{Metric}}{severity="critical"}[3m]) >= 2
                    """,
                For = "15s",
                KeepFiringFor = "6m",
                Headline = "a pool is at its critical threshold",
                Causes = Names(pools),
                Summary = $"{Name} {{{{ $value | humanizePercentage }}}} used{Subject} on {{{{ $labels.instance }}}}",
                Description =
                    $"The pool {{{{ $labels.pool }}}} {Where} is at or above its critical threshold. "
                    + "Whoever needs more of it fails now or soon; OpenClaw reports that as {{ $labels.code }}.",
                Remedy = Remedies(pools),
            },
            new()
            {
                Name = "OpenClawPoolWarning",
                Why =
                    "At either threshold, so that a pool which goes back and forth over the critical one is reported; "
                    + "while that pages, the Alertmanager silences this. A scrape or two may be lost.",
                Severity = "warning",
                Expression = $"max without (severity) (last_over_time({Metric}[150s]))",
                For = "5m",
                KeepFiringFor = "5m",
                Headline = "a pool is at its warning threshold for minutes",
                Causes = Names(pools),
                Summary = $"{Name} {{{{ $value | humanizePercentage }}}} used{Subject} on {{{{ $labels.instance }}}}",
                Description =
                    $"The pool {{{{ $labels.pool }}}} {Where} has been at or above its warning threshold for "
                    + "minutes. Nothing fails yet; when it runs out, OpenClaw reports {{ $labels.code }}.",
                Remedy = Remedies(pools),
            },
            new()
            {
                Name = "OpenClawPoolExhaustionImminent",
                Why =
                    "A prediction alone cries wolf over pools that are nearly empty, so it counts from half full on, "
                    + "where the series begins; and over a step, whose line is steep for long, so the pool has to "
                    + "go on "
                    + "rising for longer than a step of a minute is in sight.",
                Severity = "warning",
                Expression = $"""
                    last_over_time({RecordedNames.Filled}[150s])
                    and
                    predict_linear({RecordedNames.Filled}[15m], 1800) >= 1
                    and
                    delta({RecordedNames.Filled}[3m]) > 0.0045
                    """,
                For = "4m",
                KeepFiringFor = "5m",
                Headline = "a pool will be exhausted within half an hour",
                Causes = Names(pools),
                Summary = $"{Name}{Subject} will be exhausted within half an hour on {{{{ $labels.instance }}}}",
                Description =
                    $"Of the pool {{{{ $labels.pool }}}} {Where}, {{{{ $value | humanizePercentage }}}} is "
                    + "used and, at the rate of the last quarter of an hour, all of it within the next half; "
                    + "OpenClaw then reports {{ $labels.code }}.",
                Remedy = Remedies(pools),
            },
        ];

    /// <summary>A template of the pool's name, as words.</summary>
    public const string Name = """{{ $labels.pool | reReplaceAll "_" " " }}""";

    /// <summary>A template of the pool's holder, empty when it has none.</summary>
    public const string Subject =
        """{{ if eq $labels.subject "*" }} for every destination"""
        + """{{ else if $labels.subject }} for {{ $labels.subject }}{{ end }}""";

    /// <summary>A template of the pool's network namespace.</summary>
    public const string Where =
        """{{ if eq $labels.netns "self" }}in the exporter's own network namespace"""
        + """{{ else if $labels.netns }}in network namespace {{ $labels.netns }}"""
        + """{{ else }}on the whole machine{{ end }}""";

    /// <summary>Returns the names of pools.</summary>
    public static ImmutableArray<string> Names(ImmutableArray<Pool> pools) =>
        [.. pools.Select(static pool => pool.Name)];

    /// <summary>Returns a template that chooses the pool's remedy.</summary>
    public static string Remedies(ImmutableArray<Pool> pools) =>
        RuleText.Choice(
            "pool",
            pools.Select(static pool => (pool.Name, pool.Remedy)),
            "The exporter is newer than these rules, which do not know this pool: update them."
        );
}
