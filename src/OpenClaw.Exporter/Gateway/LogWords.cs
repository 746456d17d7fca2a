using System.Buffers;

namespace OpenClaw.Exporter.Gateway;

/// <summary>Finds whole words in a text of the log.</summary>
static class LogWords
{
    /// <summary>
    /// The characters before which or after which a word is part of a longer one, of a path, or of a name with dots.
    /// </summary>
    static readonly SearchValues<byte> Joined = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/\\#"u8
    );

    static readonly SearchValues<byte> Letters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"u8
    );

    /// <summary>Returns true where a text has a word, neither in a longer one nor in a path.</summary>
    public static bool Contains(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => IndexOf(text, word, 0, text) >= 0;

    /// <summary>Returns the place of a word in a part of a text; −1 for none.</summary>
    /// <param name="part">The start of the text, in which the word is searched.</param>
    /// <param name="word">The word.</param>
    /// <param name="from">The place to begin at.</param>
    /// <param name="text">The text, whose further characters may join the word.</param>
    public static int IndexOf(ReadOnlySpan<byte> part, ReadOnlySpan<byte> word, int from, ReadOnlySpan<byte> text)
    {
        while (from < part.Length && part[from..].IndexOf(word) is var found and >= 0)
        {
            var at = from + found;
            var end = at + word.Length;
            var isJoined =
                (at > 0 && (Joined.Contains(text[at - 1]) || text[at - 1] == (byte)'.'))
                || (end < text.Length && Joined.Contains(text[end]));
            if (!isJoined)
                return at;
            from = end;
        }

        return -1;
    }

    /// <summary>Returns the word at the end of a text; empty for none, and for a part of a path.</summary>
    public static ReadOnlySpan<byte> Last(ReadOnlySpan<byte> text)
    {
        var rest = text.TrimEnd((byte)' ');
        var before = rest.LastIndexOfAnyExcept(Letters);
        return before >= 0 && Joined.Contains(rest[before]) ? default : rest[(before + 1)..];
    }

    /// <summary>Returns the word at the start of a text; empty for none.</summary>
    public static ReadOnlySpan<byte> First(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExcept(Letters);
        return end < 0 ? text : text[..end];
    }
}
