using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Timeline;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Hosts;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Status;

/// <summary>
/// A diagnosis in its published form. The page shows it, the command line prints it, and the JSON contains it.
/// </summary>
/// <param name="Time">The time of the snapshot.</param>
/// <param name="Version">The exporter's version.</param>
/// <param name="Condition">The worst condition of the pools: ok, unknown, warning or critical.</param>
/// <param name="Verdict">The verdict in one sentence.</param>
/// <param name="Pools">Every level of every pool that could be read, worst first.</param>
/// <param name="States">Every pool, in the order of the catalogue, also those without a level.</param>
/// <param name="Symptoms">The failures and other signs that show now, worst first.</param>
/// <param name="Events">The recent messages of the kernel and OpenClaw, the newest first.</param>
/// <param name="TcpSockets">The TCP sockets of the exporter's own namespace by state; null when they could not be
/// read.</param>
/// <param name="Missing">The readers without a value, each with the reason.</param>
/// <param name="Host">The name of the machine; null when it could not be read.</param>
/// <param name="Kernel">The release of its kernel; null when it could not be read.</param>
/// <param name="Scope">The network namespaces that were looked at; null where they could not be listed.</param>
/// <param name="Problems">The causes with their effects, worst first; then those that are over.</param>
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
    ImmutableArray<MissingDocument> Missing,
    string? Host,
    string? Kernel,
    ScopeDocument? Scope,
    ImmutableArray<ProblemDocument> Problems
)
{
    static HostIdentity? HostOf(Diagnosis diagnosis) =>
        diagnosis.Snapshot.Get<HostIdentity>().TryGet(out var host) ? host : null;

    /// <summary>Creates the document of a diagnosis.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="history">The earlier utilisations.</param>
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
            diagnosis.Primary.Get<TcpSockets>().TryGet(out var tcp)
                ? Enum.GetValues<TcpState>().ToImmutableSortedDictionary(SnakeCase.Convert, state => tcp[state])
                : null,
            [
                .. diagnosis.Failures.Select(static failure => new MissingDocument(
                    failure.Name,
                    SnakeCase.Convert(failure.Why.Reason),
                    failure.Why.Detail,
                    failure.Why.Reason == Absence.NotPermitted ? Privileges.CapabilityOf(failure.Name) : ""
                )),
            ],
            HostOf(diagnosis)?.Name,
            HostOf(diagnosis)?.KernelRelease,
            diagnosis.Snapshot.Scope is { } scope ? new(scope.Seen, scope.Total, Verdicts.Scope(diagnosis)) : null,
            [.. diagnosis.Problems.Select(ProblemDocument.From)]
        );
}

/// <summary>The network namespaces that were looked at.</summary>
/// <param name="Seen">Their number.</param>
/// <param name="Total">The number of namespaces that can be told apart.</param>
/// <param name="Text">The same in words, with the reason why others are missing.</param>
sealed record ScopeDocument(int Seen, int Total, string Text);

/// <summary>The state of a pool.</summary>
/// <param name="Pool">The name of the pool.</param>
/// <param name="Condition">The condition: absent, ok, unknown, warning or critical. It is that of the fullest level, or
/// unknown where a part is unknown.</param>
/// <param name="Reason">The reason why it is absent, or why a part could not be read; null when all was read.</param>
sealed record StateDocument(string Pool, string Condition, string? Reason)
{
    public static StateDocument From(PoolState state) =>
        new(state.Pool.Name, SnakeCase.Convert(state.Condition), (state.Unread ?? state.Levels.Missing)?.Detail);
}

/// <summary>A level of a pool.</summary>
/// <param name="Pool">The pool's name.</param>
/// <param name="Netns">The network namespace of the level; empty for a resource of the whole machine.</param>
/// <param name="Labels">The pool's own labels.</param>
/// <param name="Subject">The subject of the level; empty when the pool has no subject.</param>
/// <param name="Pid">The process that holds the resource; null when it is not one process.</param>
/// <param name="Cgroup">The cgroup of that process, or the one with most of the TCP sockets there; empty when it is
/// unknown.</param>
/// <param name="Container">The id of its container; empty outside a container, or when it is unknown.</param>
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

/// <summary>A failure or other sign that shows now.</summary>
/// <param name="Symptom">The name of the symptom.</param>
/// <param name="Netns">The network namespace of the symptom; empty for a value of the whole machine.</param>
/// <param name="Labels">The symptom's own labels.</param>
/// <param name="Condition">The condition: warning or critical, or ok when the symptom is only information.</param>
/// <param name="Increase">The increase of a counter; 0 for a state.</param>
/// <param name="Seconds">The time of the increase, in seconds; 0 for a state.</param>
/// <param name="Code">The OpenClaw error code of the failure; null for other signs.</param>
/// <param name="Cause">The pool that explains it; null when none does.</param>
/// <param name="Text">The symptom as a sentence.</param>
/// <param name="Advice">The action to take; null when it is no failure.</param>
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

/// <summary>A reader without a value.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Reason">The reason: not_present, not_permitted, malformed, interrupted, timed_out or failed.</param>
/// <param name="Detail">The file or request, and its answer.</param>
/// <param name="Capability">The capability that the reader lacks; empty unless the reason is not_permitted.</param>
sealed record MissingDocument(string Reader, string Reason, string Detail, string Capability);

/// <summary>Serialises the documents without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DiagnosisDocument))]
sealed partial class DiagnosisJson : JsonSerializerContext;
