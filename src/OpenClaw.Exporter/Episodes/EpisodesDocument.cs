using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Episodes;

/// <summary>The episodes of an exporter, as the address /api/v1/episodes serves them.</summary>
/// <param name="Time">The time of the answer.</param>
/// <param name="Version">The exporter's version.</param>
/// <param name="WatchedSince">The start of the exporter, before which nobody is known to have looked; null where none
/// runs, and the episodes are from its file.</param>
/// <param name="Episodes">The episodes, the newest first.</param>
sealed record EpisodesDocument(
    DateTimeOffset Time,
    string Version,
    DateTimeOffset? WatchedSince,
    ImmutableArray<Episode> Episodes
)
{
    /// <summary>Creates the document.</summary>
    /// <param name="episodes">The episodes, in any order.</param>
    /// <param name="now">The time of the answer.</param>
    /// <param name="version">The exporter's version.</param>
    /// <param name="watchedSince">The start of the exporter; null where none runs.</param>
    public static EpisodesDocument From(
        IEnumerable<Episode> episodes,
        DateTimeOffset now,
        string version,
        DateTimeOffset? watchedSince = null
    ) => new(now, version, watchedSince, [.. episodes.OrderByDescending(static episode => episode.Number)]);

    /// <summary>Returns the document as JSON.</summary>
    public byte[] Serialize()
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, new() { Indented = true }))
            JsonSerializer.Serialize(writer, this, EpisodeJson.Default.EpisodesDocument);
        return json.WrittenSpan.ToArray();
    }

    /// <summary>Reads a document; missing where it is none.</summary>
    public static Reading<EpisodesDocument> Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            if (
                JsonSerializer.Deserialize(text, EpisodeJson.Default.EpisodesDocument)
                    is { Episodes.IsDefault: false } document
                && document.Episodes.All(static episode => episode is { IsWhole: true })
            )
            {
                return document;
            }
        }
        catch (JsonException) { }
        return new Missing(Absence.Malformed, "not the episodes of an exporter of this version");
    }
}

/// <summary>Serialises and reads episodes without reflection.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(EpisodesDocument))]
[JsonSerializable(typeof(Episode))]
sealed partial class EpisodeJson : JsonSerializerContext;
