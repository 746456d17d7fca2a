using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
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
/// <param name="Missing">The readers without a value or without a part of it, each with the reason.</param>
/// <param name="Host">The name of the machine; null when it could not be read.</param>
/// <param name="Kernel">The release of its kernel; null when it could not be read.</param>
/// <param name="Scope">The network namespaces that were looked at; null where they could not be listed.</param>
/// <param name="Problems">The causes with their effects, worst first; then those that are over.</param>
/// <param name="Headline">The verdict in a few words: the headline of the worst problem.</param>
/// <param name="Answers">The answers to the last errors in the OpenClaw log, the newest first.</param>
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
    ImmutableArray<ProblemDocument> Problems,
    string Headline,
    ImmutableArray<ErrorAnswer> Answers
)
{
    static HostIdentity? HostOf(Diagnosis diagnosis) =>
        diagnosis.Snapshot.Get<HostIdentity>().TryGet(out var host) ? host : null;

    /// <summary>Reads a document; missing, with the reason, where it is none of this version.</summary>
    public static Reading<DiagnosisDocument> Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            var version = JsonSerializer.Deserialize(text, TimelineJson.Default.VersionDocument)?.Version;
            if (version is not null && version != BuildInfo.Version)
                return Malformed($"it runs version {version}, this is {BuildInfo.Version}; restart it");
            return JsonSerializer.Deserialize(text, DiagnosisJson.Strict.DiagnosisDocument) is { } document
                ? document
                : Malformed();
        }
        catch (JsonException)
        {
            return Malformed();
        }

        static Missing Malformed(string why = "not the diagnosis of an exporter") => new(Absence.Malformed, why);
    }

    /// <summary>Creates the document of a diagnosis.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="answers">The answers to errors in the OpenClaw log; none by default.</param>
    public static DiagnosisDocument From(Diagnosis diagnosis, params ImmutableArray<ErrorAnswer> answers) =>
        new(
            diagnosis.Snapshot.Time,
            BuildInfo.Version,
            SnakeCase.Convert(diagnosis.Condition),
            Verdicts.Summarize(diagnosis),
            [.. diagnosis.Findings.Select(finding => PoolDocument.From(finding, diagnosis.Timeline))],
            [.. diagnosis.Pools.Select(StateDocument.From)],
            [.. diagnosis.Symptoms.Select(SymptomDocument.From)],
            RecentEvents.Collect(diagnosis),
            diagnosis.Primary.Get<TcpSockets>().TryGet(out var tcp)
                ? Enum.GetValues<TcpState>().ToImmutableSortedDictionary(SnakeCase.Convert, state => tcp[state])
                : null,
            [
                .. diagnosis.Failures.Select(static failure =>
                    MissingDocument.From(failure.Name, failure.Why, failure.Name)
                ),
                .. diagnosis.Snapshot.Fallbacks.Select(static one =>
                    MissingDocument.From(one.Reader, one.Fallback.Why, Privileges.Programs)
                ),
            ],
            HostOf(diagnosis)?.Name,
            HostOf(diagnosis)?.KernelRelease,
            diagnosis.Snapshot.Scope is { } scope ? new(scope.Seen, scope.Total, Verdicts.Scope(diagnosis)) : null,
            [.. diagnosis.Problems.Select(ProblemDocument.From)],
            Headlines.From(diagnosis),
            answers
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

/// <summary>A reader without a value, or without the part that only its best source shows.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Reason">The reason: not_present, not_permitted, not_asked, gone, malformed, interrupted, timed_out or
/// failed.</param>
/// <param name="Detail">The file or request, and its answer.</param>
/// <param name="Capability">The capability that the reader lacks; empty unless the reason is not_permitted.</param>
sealed record MissingDocument(string Reader, string Reason, string Detail, string Capability)
{
    public static MissingDocument From(string reader, Missing why, string privileged) =>
        new(reader, SnakeCase.Convert(why.Reason), why.Detail, Privileges.LackedBy(privileged, why));
}

/// <summary>Serialises and reads the documents without reflection.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true
)]
[JsonSerializable(typeof(DiagnosisDocument))]
sealed partial class DiagnosisJson : JsonSerializerContext
{
    /// <summary>Reads documents, and refuses those that lack a part.</summary>
    public static DiagnosisJson Strict { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
                RespectNullableAnnotations = true,
                RespectRequiredConstructorParameters = true,
            }
        );
}
