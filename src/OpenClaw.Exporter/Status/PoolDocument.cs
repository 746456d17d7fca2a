using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Status;

/// <summary>A level of a pool.</summary>
/// <param name="Pool">The pool's name.</param>
/// <param name="Netns">The network namespace of the level; empty for a resource of the whole machine.</param>
/// <param name="Labels">The pool's own labels.</param>
/// <param name="Subject">The subject of the level; empty when the pool has no subject.</param>
/// <param name="Pid">The process that holds the resource; null when it is not one process.</param>
/// <param name="Cgroup">The cgroup of the worst holder, or of that process. Else that of the first process of another
/// network namespace; empty when it is unknown.</param>
/// <param name="Container">The id of its container; empty outside a container, or when it is unknown.</param>
/// <param name="Holders">The holders, worst first; none below the thresholds, or where they are not known.</param>
/// <param name="Condition">The condition: ok, unknown (its limit could not be read), warning or critical.</param>
/// <param name="Used">The used amount.</param>
/// <param name="Limit">The limit; null when unlimited or unknown.</param>
/// <param name="Utilization">The used amount divided by the limit, 0 to 1; null without a limit.</param>
/// <param name="WarningRatio">The utilisation from which the condition is a warning.</param>
/// <param name="CriticalRatio">The utilisation from which the condition is critical.</param>
/// <param name="Codes">The OpenClaw error codes of its exhaustion, its own first.</param>
/// <param name="Forecast">The time at which it will be full at the present rate.</param>
/// <param name="Remedy">The action to take; null unless it is at a threshold.</param>
sealed record PoolDocument(
    string Pool,
    string Netns,
    ImmutableSortedDictionary<string, string> Labels,
    string Subject,
    int? Pid,
    string Cgroup,
    string Container,
    ImmutableArray<HolderDocument> Holders,
    string Condition,
    double Used,
    double? Limit,
    double? Utilization,
    double WarningRatio,
    double CriticalRatio,
    ImmutableArray<string> Codes,
    ForecastDocument Forecast,
    RemedyDocument? Remedy
)
{
    public static PoolDocument From(Finding finding, Timeline timeline) =>
        new(
            finding.Pool.Name,
            finding.Level.Netns,
            finding
                .Pool.Labels.Zip(finding.Level.Labels)
                .ToImmutableSortedDictionary(static pair => pair.First, static pair => pair.Second),
            finding.Level.Subject,
            finding.Level.Pid,
            finding.Cgroup,
            finding.Container,
            HolderDocument.From(finding.Holders.Worst),
            SnakeCase.Convert(finding.Condition),
            finding.Level.Used,
            finding.Level.Limit,
            finding.Level.Utilization,
            finding.Pool.ThresholdsOf(finding.Level).Warning,
            finding.Pool.ThresholdsOf(finding.Level).Critical,
            finding.Codes,
            ForecastDocument.From(timeline.ForecastOf(finding.Pool, finding.Level)),
            finding.Condition >= PoolCondition.Warning ? RemedyDocument.From(finding.Remedy) : null
        );
}

/// <summary>The time at which a level will be full.</summary>
/// <param name="Growth">The recent growth: too_early_to_say, not_growing or growing.</param>
/// <param name="Seconds">The time left, in seconds; null unless it grows.</param>
sealed record ForecastDocument(string Growth, double? Seconds)
{
    public static ForecastDocument From(Forecast forecast) =>
        new(SnakeCase.Convert(forecast.Growth), forecast.Left?.TotalSeconds);
}

/// <summary>A remedy.</summary>
/// <param name="Advice">The action to take, as a sentence.</param>
/// <param name="Command">The command that changes the running system; null when no command helps.</param>
/// <param name="Persistence">The lines that make the change permanent; null when there are none.</param>
/// <param name="File">The place for those lines.</param>
/// <param name="NeedsRestart">True where the change is effective only after a restart of the process.</param>
/// <param name="Warning">The harm that the usual advice causes here; null when it causes none.</param>
/// <param name="Drift">The sysctl whose present value a restart of the machine would undo, as a sentence; null when
/// none is known.</param>
/// <param name="Where">The place where the command has to run; null when that is simply here.</param>
sealed record RemedyDocument(
    string Advice,
    string? Command,
    string? Persistence,
    string? File,
    bool NeedsRestart,
    string? Warning,
    string? Drift,
    string? Where
)
{
    public static RemedyDocument From(Remedy remedy) =>
        new(
            remedy.Advice,
            remedy.Command,
            remedy.Persistence,
            remedy.File,
            remedy.NeedsRestart,
            remedy.Warning,
            remedy.Drift,
            remedy.Where
        );
}
