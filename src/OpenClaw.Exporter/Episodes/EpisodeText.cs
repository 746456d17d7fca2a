using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace OpenClaw.Exporter.Episodes;

/// <summary>
/// The text of episodes in a file: a line for each state of an episode, with a checksum. The last line of a number
/// counts. A damaged line loses only itself.
/// </summary>
static class EpisodeText
{
    /// <summary>The bytes of a line.</summary>
    public const int LineBytes = 32 * 1024;

    const int ChecksumDigits = 8;
    const byte End = (byte)'\n';

    /// <summary>Returns the line of an episode. Where it is too long, it lacks details.</summary>
    public static byte[] Line(Episode episode)
    {
        var line = LineOf(episode);
        return line.Length <= LineBytes
            ? line
            : LineOf(episode with { Holders = [], HolderLines = [], Effects = [], Before = [], Fixes = [] });
    }

    /// <summary>Returns the last state of each episode, in the order of their numbers.</summary>
    public static ImmutableArray<Episode> Parse(ReadOnlySpan<byte> text)
    {
        var lines = new List<Episode>();
        foreach (var range in text.Split(End))
        {
            if (ParseLine(text[range]) is { } episode)
                lines.Add(episode);
        }

        // The last line of a number comes first, and is kept.
        lines.Reverse();
        var sorted = lines.OrderBy(static episode => episode.Number).ToList();
        return [.. sorted.Where((episode, at) => at == 0 || sorted[at - 1].Number != episode.Number)];
    }

    static Episode? ParseLine(ReadOnlySpan<byte> line)
    {
        if (
            line.Length is <= ChecksumDigits + 1 or > LineBytes
            || !uint.TryParse(
                line[..ChecksumDigits],
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var checksum
            )
            || ChecksumOf(line[(ChecksumDigits + 1)..]) != checksum
        )
        {
            return null;
        }

        try
        {
            return
                JsonSerializer.Deserialize(line[(ChecksumDigits + 1)..], EpisodeJson.Default.Episode)
                    is { IsWhole: true } episode
                ? episode
                : null;
        }
        catch (JsonException)
        {
            // An earlier or later version may have written it.
            return null;
        }
    }

    static byte[] LineOf(Episode episode)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(episode, EpisodeJson.Default.Episode);
        return
        [
            .. Encoding.ASCII.GetBytes(ChecksumOf(json).ToString("x8", CultureInfo.InvariantCulture)),
            (byte)' ',
            .. json,
            End,
        ];
    }

    /// <summary>Returns the CRC-32C of bytes.</summary>
    static uint ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        foreach (var one in bytes)
            checksum = BitOperations.Crc32C(checksum, one);
        return ~checksum;
    }
}
