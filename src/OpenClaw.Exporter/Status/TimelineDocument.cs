using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Status;

/// <summary>
/// The timeline of a server, for the commands that run beside it. It has one form for each version of the exporter.
/// </summary>
/// <param name="Version">The exporter's version.</param>
/// <param name="BootId">The id of this start of the kernel.</param>
/// <param name="NetnsInode">The inode of the server's own network namespace.</param>
/// <param name="Netns">The server's name of that namespace.</param>
/// <param name="Symptoms">The symptoms: name, network namespace and the labels. A series without labels tells whether
/// the symptom could be read.</param>
/// <param name="Utilizations">The pools by name, and their worst levels: pool, network namespace, labels,
/// process.</param>
/// <param name="Failures">The failures of the last five minutes.</param>
/// <param name="OpenClawErrors">The errors that the server counted in the OpenClaw log; null without a log.</param>
sealed record TimelineDocument(
    string Version,
    string BootId,
    ulong NetnsInode,
    string Netns,
    SamplesDocument Symptoms,
    SamplesDocument Utilizations,
    ImmutableArray<FailureDocument> Failures,
    ClwErrors? OpenClawErrors
)
{
    /// <summary>
    /// The refused calls of connect() that the server has counted; null where it cannot count them everywhere.
    /// </summary>
    public ImmutableArray<RefusalsDocument>? RefusedConnects { get; init; }

    /// <summary>
    /// The symptoms in a document. A machine with more has thousands of network namespaces. Its own namespace, and
    /// those where a symptom changed, come first.
    /// </summary>
    internal const int SymptomsAtMost = 20_000;

    /// <summary>Creates the document of a timeline.</summary>
    /// <param name="timeline">The timeline.</param>
    /// <param name="origin">Its place.</param>
    /// <param name="errors">The errors in the OpenClaw log; null without a log.</param>
    public static TimelineDocument From(Timeline timeline, TimelineOrigin origin, ClwErrors? errors = null) =>
        new(
            BuildInfo.Version,
            origin.BootId,
            origin.NetnsInode,
            origin.Netns,
            new(SamplesDocument.TimesOf(timeline.Symptoms), SymptomSeries(timeline, origin.Netns)),
            new(
                SamplesDocument.TimesOf(timeline.Utilizations),
                [
                    .. timeline
                        .Utilizations.AllNames.Select(name =>
                            SeriesDocument.From(timeline.Utilizations, name, [.. name.Split('\0')])
                        )
                        .Where(static series => !series.IsEmpty),
                ]
            ),
            [.. timeline.Failures.Select(FailureDocument.From)],
            errors
        );

    /// <summary>Reads a document; missing, with the reason, where it is none of this version.</summary>
    public static Reading<TimelineDocument> Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            var version = JsonSerializer.Deserialize(text, TimelineJson.Default.VersionDocument)?.Version;
            if (version is not null && version != BuildInfo.Version)
                return Malformed($"it runs version {version}, this is {BuildInfo.Version}; restart it");
            return JsonSerializer.Deserialize(text, TimelineJson.Default.TimelineDocument) is { } document
                ? document
                : Malformed();
        }
        catch (JsonException)
        {
            return Malformed();
        }

        static Missing Malformed(string why = "not the timeline of an exporter") => new(Absence.Malformed, why);
    }

    /// <summary>
    /// Returns the series of the symptoms, up to the limit. A symptom of a namespace is there as a whole or not at all.
    /// So a label without a value did not exist.
    /// </summary>
    static ImmutableArray<SeriesDocument> SymptomSeries(Timeline timeline, string own)
    {
        var ring = timeline.Symptoms;
        var sources = ring
            .AllNames.GroupBy(static name => name.Source)
            .Select(source =>
                (
                    source.Key.Netns,
                    Series: source
                        .Select(name =>
                            SeriesDocument.From(
                                ring,
                                name,
                                [source.Key.Symptom.Name, source.Key.Netns, .. name.Key?.Split('\0') ?? []]
                            )
                        )
                        .Where(static series => !series.IsEmpty)
                        .ToImmutableArray()
                )
            )
            .OrderByDescending(source => source.Netns == own || source.Netns.Length == 0)
            .ThenByDescending(static source => source.Series.Any(static series => series.Numbers.Length > 1));
        var sum = 0;
        return
        [
            .. sources
                .TakeWhile(source => (sum += source.Series.Length) <= SymptomsAtMost)
                .SelectMany(static s => s.Series),
        ];
    }
}

/// <summary>Samples of named numbers.</summary>
/// <param name="Times">The times of the samples, oldest first.</param>
/// <param name="Series">The numbers by name.</param>
sealed record SamplesDocument(ImmutableArray<DateTimeOffset> Times, ImmutableArray<SeriesDocument> Series)
{
    public static ImmutableArray<DateTimeOffset> TimesOf<TName>(SampleRing<TName> ring)
        where TName : notnull =>
        [.. Enumerable.Range(0, ring.Count).Select(sample => DateTimeOffset.UnixEpoch + ring.TimeOf(sample))];
}

/// <summary>The samples of one number.</summary>
/// <param name="Name">The parts of its name.</param>
/// <param name="Numbers">The number in each sample, null in a sample without it. Where the last ones are equal, all but
/// the first of them are left out.</param>
sealed record SeriesDocument(ImmutableArray<string> Name, ImmutableArray<double?> Numbers)
{
    /// <summary>True where no sample has the number any more.</summary>
    [JsonIgnore]
    public bool IsEmpty => Numbers is [] or [null];

    /// <summary>Returns the number in a sample; null when the sample does not have it.</summary>
    public double? NumberIn(int sample) =>
        Numbers.IsDefaultOrEmpty ? null : Numbers[Math.Min(sample, Numbers.Length - 1)];

    public static SeriesDocument From<TName>(SampleRing<TName> ring, TName name, ImmutableArray<string> parts)
        where TName : notnull
    {
        var numbers = new double?[ring.Count];
        var at = 0;
        foreach (var sample in ring.SamplesOf(name))
        {
            while (ring.TimeOf(at) != sample.At)
                at++;
            if (double.IsFinite(sample.Number))
                numbers[at] = sample.Number;
        }

        var length = numbers.Length;
        while (length > 1 && numbers[length - 1] == numbers[length - 2])
            length--;
        return new(parts, [.. numbers.AsSpan(0, length)]);
    }
}

/// <summary>A failure of the last five minutes.</summary>
/// <param name="Alert">The name of the alert.</param>
/// <param name="Code">Its OpenClaw error code.</param>
/// <param name="Advice">Its advice, which tells apart the alerts of one name. It is never shown.</param>
/// <param name="Netns">The network namespace; empty for the whole machine.</param>
/// <param name="Symptoms">The symptoms that showed it.</param>
/// <param name="Times">The times at which they did, one for each slot of 15 s.</param>
sealed record FailureDocument(
    string Alert,
    string Code,
    string Advice,
    string Netns,
    ImmutableArray<string> Symptoms,
    ImmutableArray<DateTimeOffset> Times
)
{
    public static FailureDocument From(RecentFailure failure) =>
        new(
            failure.Alert.Name,
            failure.Alert.Code,
            failure.Alert.Advice,
            failure.Netns,
            [.. failure.Symptoms.Order(StringComparer.Ordinal)],
            failure.Times
        );
}

/// <summary>The part of a timeline's document that every version has.</summary>
/// <param name="Version">The exporter's version; null when it has none.</param>
sealed record VersionDocument(string? Version);

/// <summary>Serialises and reads the timeline without reflection.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(TimelineDocument))]
[JsonSerializable(typeof(VersionDocument))]
sealed partial class TimelineJson : JsonSerializerContext;
