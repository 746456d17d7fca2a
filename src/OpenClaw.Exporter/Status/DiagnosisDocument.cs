using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Timeline;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Status;

/// <summary>
/// A diagnosis as it leaves the process: what the page shows, the command line prints and the JSON is.
/// </summary>
/// <param name="Time">When the kernel was asked.</param>
/// <param name="Version">The exporter's version.</param>
/// <param name="Condition">ok, unknown, warning or critical: the worst of the pools.</param>
/// <param name="Verdict">That in one sentence.</param>
/// <param name="Pools">Every level of every pool that could be read, worst first.</param>
/// <param name="States">Every pool, in the order of the catalogue: also those that have no level.</param>
/// <param name="Symptoms">Failures and other signs that show now, worst first.</param>
/// <param name="Events">What the kernel and OpenClaw said lately, the newest first.</param>
/// <param name="TcpSockets">TCP sockets of the exporter's own namespace by state; null when they could not be
/// read.</param>
/// <param name="Missing">What could not be read, and why.</param>
sealed record DiagnosisDocument(
    DateTimeOffset Time,
    string Version,
    string Condition,
    string Verdict,
    ImmutableArray<PoolDocument> Pools,
    ImmutableArray<StateDocument> States,
    ImmutableArray<SymptomDocument> Symptoms,
    ImmutableArray<RecentEvent> Events,
    ImmutableSortedDictionary<string, long>? TcpSockets,
    ImmutableArray<MissingDocument> Missing
)
{
    /// <summary>The document of a diagnosis.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="history">What was seen before.</param>
    public static DiagnosisDocument From(Diagnosis diagnosis, UtilizationHistory history) =>
        new(
            diagnosis.Snapshot.Time,
            BuildInfo.Version,
            SnakeCase.Convert(diagnosis.Condition),
            Verdicts.Summarize(diagnosis),
            [.. diagnosis.Findings.Select(finding => PoolDocument.From(finding, history))],
            [.. diagnosis.Pools.Select(StateDocument.From)],
            [.. diagnosis.Symptoms.Select(SymptomDocument.From)],
            RecentEvents.Collect(diagnosis),
            diagnosis.Snapshot.Get<TcpSockets>().TryGet(out var tcp)
                ? Enum.GetValues<TcpState>().ToImmutableSortedDictionary(SnakeCase.Convert, state => tcp[state])
                : null,
            [
                .. diagnosis.Failures.Select(static failure => new MissingDocument(
                    failure.Name,
                    SnakeCase.Convert(failure.Why.Reason),
                    failure.Why.Detail,
                    failure.Why.Reason == Absence.NotPermitted ? Privileges.CapabilityOf(failure.Name) : ""
                )),
            ]
        );
}

/// <summary>How a pool stands.</summary>
/// <param name="Pool">Its name.</param>
/// <param name="Condition">absent, ok, unknown, warning or critical: as its fullest level, or unknown where some of it
/// is.</param>
/// <param name="Reason">Why it is absent, or what of it could not be read; null when all was read.</param>
sealed record StateDocument(string Pool, string Condition, string? Reason)
{
    public static StateDocument From(PoolState state) =>
        new(state.Pool.Name, SnakeCase.Convert(state.Condition), (state.Unread ?? state.Levels.Missing)?.Detail);
}

/// <summary>One level of a pool.</summary>
/// <param name="Pool">The pool's name.</param>
/// <param name="Netns">The network namespace whose it is; empty for what the machine has once.</param>
/// <param name="Labels">The pool's own labels.</param>
/// <param name="Subject">Who it is about; empty when the pool has no such thing.</param>
/// <param name="Pid">The process that holds it; null when it is not one process.</param>
/// <param name="Cgroup">The cgroup of that process, or the one with most of the TCP sockets there; empty when it is not
/// known.</param>
/// <param name="Container">The id of its container; empty when it is in none that is known.</param>
/// <param name="Condition">ok, unknown (its limit could not be read), warning or critical.</param>
/// <param name="Used">What is used.</param>
/// <param name="Limit">What there is; null when unlimited or unknown.</param>
/// <param name="Utilization">Used by limit, 0 to 1; null without a limit.</param>
/// <param name="WarningRatio">The utilisation from which it is a warning.</param>
/// <param name="CriticalRatio">The utilisation from which it is critical.</param>
/// <param name="Codes">The OpenClaw error codes its exhaustion shows as, its own first.</param>
/// <param name="Forecast">When it is full if it goes on so.</param>
/// <param name="Remedy">What to do.</param>
sealed record PoolDocument(
    string Pool,
    string Netns,
    ImmutableSortedDictionary<string, string> Labels,
    string Subject,
    int? Pid,
    string Cgroup,
    string Container,
    string Condition,
    double Used,
    double? Limit,
    double? Utilization,
    double WarningRatio,
    double CriticalRatio,
    ImmutableArray<string> Codes,
    ForecastDocument Forecast,
    RemedyDocument Remedy
)
{
    public static PoolDocument From(Finding finding, UtilizationHistory history) =>
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
            SnakeCase.Convert(finding.Condition),
            finding.Level.Used,
            finding.Level.Limit,
            finding.Level.Utilization,
            finding.Pool.WarningRatio,
            finding.Pool.CriticalRatio,
            finding.Codes,
            ForecastDocument.From(history.ForecastOf(finding.Pool, finding.Level)),
            RemedyDocument.From(finding.Remedy)
        );
}

/// <summary>When a level is full.</summary>
/// <param name="Growth">too_early_to_say, not_growing or growing.</param>
/// <param name="Seconds">The time left; null unless it grows.</param>
sealed record ForecastDocument(string Growth, double? Seconds)
{
    public static ForecastDocument From(Forecast forecast) =>
        new(SnakeCase.Convert(forecast.Growth), forecast.Left?.TotalSeconds);
}

/// <summary>What helps.</summary>
/// <param name="Advice">What to do, as a sentence.</param>
/// <param name="Command">The command that changes the running system; null when no command helps.</param>
/// <param name="Persistence">The lines that keep the change; null when there are none.</param>
/// <param name="File">Where those lines belong.</param>
/// <param name="NeedsRestart">Whether the process must be started again before the change counts.</param>
/// <param name="Warning">Where the usual advice hurts; null when it does not.</param>
/// <param name="Drift">What a restart would change by itself; null when nothing is known to.</param>
/// <param name="Where">Where the command has to be run, when that is not simply here; null otherwise.</param>
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

/// <summary>A failure or other sign that shows now.</summary>
/// <param name="Symptom">Its name.</param>
/// <param name="Netns">The network namespace whose it is; empty for what the machine has once.</param>
/// <param name="Labels">Its own labels.</param>
/// <param name="Condition">ok for what is worth knowing and no more, warning or critical.</param>
/// <param name="Increase">By how much its counter rose; 0 for a state.</param>
/// <param name="Seconds">Within which time; 0 for a state.</param>
/// <param name="Code">The OpenClaw error code it shows as; null for what is no failure.</param>
/// <param name="Cause">The pool that explains it; null when none does.</param>
/// <param name="Text">What shows, as a sentence.</param>
/// <param name="Advice">What to do; null for what is no failure.</param>
sealed record SymptomDocument(
    string Symptom,
    string Netns,
    ImmutableSortedDictionary<string, string> Labels,
    string Condition,
    double Increase,
    double Seconds,
    string? Code,
    string? Cause,
    string Text,
    string? Advice
)
{
    public static SymptomDocument From(SymptomFinding failure) =>
        new(
            failure.Symptom.Name,
            failure.Netns,
            failure
                .Symptom.Labels.Zip(failure.Labels)
                .ToImmutableSortedDictionary(static pair => pair.First, static pair => pair.Second),
            SnakeCase.Convert(failure.Condition),
            failure.Increase,
            failure.Over.TotalSeconds,
            failure.Alert?.Code,
            failure.Cause?.Name,
            Verdicts.Failure(failure) + ".",
            failure.Alert?.Advice
        );
}

/// <summary>What could not be read.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Reason">not_present, not_permitted, malformed, interrupted, timed_out or failed.</param>
/// <param name="Detail">What was asked and what came back.</param>
/// <param name="Capability">What would let it be read; empty unless it is not permitted.</param>
sealed record MissingDocument(string Reader, string Reason, string Detail, string Capability);

/// <summary>How the documents are written, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DiagnosisDocument))]
sealed partial class DiagnosisJson : JsonSerializerContext;
