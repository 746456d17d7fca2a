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
                    "Two scrapes in three minutes: calls fail already or soon. A single scrape never "
                    + "pages, at any interval. A lost scrape and a pool that oscillates around the "
                    + "threshold do not hide it. It outlasts every failure that a full pool causes. "
                    + "Otherwise the effect would page after its cause is gone.",
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
                Summary = $"{Name} {{{{ $value | humanizePercentage }}}} used{Level} on {{{{ $labels.instance }}}}",
                Description =
                    $"The pool {{{{ $labels.pool }}}} {Where} is at or above its critical threshold. "
                    + "Calls that need more of it fail now or soon. OpenClaw reports that as {{ "
                    + "$labels.code }}."
                    + Holder,
                Remedy = Remedies(pools),
            },
            new()
            {
                Name = "OpenClawPoolWarning",
                Why =
                    "Both thresholds count, so a pool that oscillates around the critical one is "
                    + "reported. While the critical alert pages, the Alertmanager silences this. One or two "
                    + "scrapes may be lost.",
                Severity = "warning",
                Expression = $"max without (severity) (last_over_time({Metric}[150s]))",
                For = "5m",
                KeepFiringFor = "5m",
                Headline = "a pool has been at its warning threshold for minutes",
                Causes = Names(pools),
                Summary = $"{Name} {{{{ $value | humanizePercentage }}}} used{Level} on {{{{ $labels.instance }}}}",
                Description =
                    $"The pool {{{{ $labels.pool }}}} {Where} has been at or above its warning "
                    + "threshold for minutes. Nothing fails yet. When it is exhausted, OpenClaw reports "
                    + "{{ $labels.code }}."
                    + Holder,
                Remedy = Remedies(pools),
            },
            new()
            {
                Name = "OpenClawPoolExhaustionImminent",
                Why =
                    "A prediction alone gives false alarms for nearly empty pools. So it starts at "
                    + "half full, where the series begins. A single step looks steep for a while. So "
                    + "the pool has to rise for longer than a step of one minute stays visible.",
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
                Summary = $"{Name}{Level} will be exhausted within 30 minutes on {{{{ $labels.instance }}}}",
                Description =
                    $"{{{{ $value | humanizePercentage }}}} of the pool {{{{ $labels.pool }}}} {Where} "
                    + "is used. At the rate of the last 15 minutes it is exhausted within 30 minutes. "
                    + "OpenClaw then reports {{ $labels.code }}.",
                Remedy = Remedies(pools),
            },
        ];

    /// <summary>A template of the pool's name, as words.</summary>
    public const string Name = """{{ $labels.pool | reReplaceAll "_" " " }}""";

    /// <summary>A template of the level's subject, empty when it has none.</summary>
    const string Subject =
        """{{ if eq $labels.subject "*" }} for every destination"""
        + """{{ else if $labels.subject }} for {{ $labels.subject }}{{ end }}""";

    /// <summary>A template of the level: its subject, and its namespace on a machine that has several.</summary>
    public const string Level = Subject + RuleText.InNamespace;

    /// <summary>A template of the pool's network namespace.</summary>
    public const string Where =
        """{{ if eq $labels.netns "self" }}in the exporter's own network namespace"""
        + """{{ else if $labels.netns }}in network namespace {{ $labels.netns }}"""
        + """{{ else }}on the whole machine{{ end }}""";

    /// <summary>A template of the sentence that names the holder; empty while it is not known.</summary>
    public const string Holder =
        """{{ with printf "openclaw_network_pool_holder_info{instance=%q,job=%q,pool=%q,netns=%q,subject=%q}" """
        + "$labels.instance $labels.job $labels.pool $labels.netns $labels.subject | query }}"
        + " Held by {{ with first . }}{{ .Labels.name }}{{ with .Labels.cgroup }}, cgroup {{ . }}{{ end }}"
        + "{{ end }}.{{ end }}";

    /// <summary>Returns the names of pools.</summary>
    public static ImmutableArray<string> Names(ImmutableArray<Pool> pools) =>
        [.. pools.Select(static pool => pool.Name)];

    /// <summary>Returns a template that chooses the pool's remedy.</summary>
    public static string Remedies(ImmutableArray<Pool> pools) =>
        RuleText.Choice(
            "pool",
            pools.Select(static pool => (pool.Name, pool.Remedy)),
            "These rules are older than the exporter and do not know this pool. Update the rules."
        );
}
