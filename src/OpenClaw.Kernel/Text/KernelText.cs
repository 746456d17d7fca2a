using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Text;

/// <summary>Parses the few elements of kernel files from bytes.</summary>
static class KernelText
{
    const int QuotedAtMost = 60;

    /// <summary>Takes a word off the front, with the blanks before it. Returns false when there is none.</summary>
    public static bool TryTakeWord(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> word)
    {
        var rest = text.TrimStart(" \t"u8);
        var end = rest.IndexOfAny((byte)' ', (byte)'\t');
        word = end < 0 ? rest : rest[..end];
        text = rest[word.Length..];
        return word.Length > 0;
    }

    /// <summary>Returns the number of words in a line.</summary>
    public static int CountWords(ReadOnlySpan<byte> line)
    {
        var count = 0;
        while (TryTakeWord(ref line, out _))
            count++;
        return count;
    }

    /// <summary>Returns the position of a word in a line; -1 when the line does not have it.</summary>
    public static int PlaceOf(ReadOnlySpan<byte> line, ReadOnlySpan<char> name)
    {
        for (var place = 0; TryTakeWord(ref line, out var word); place++)
        {
            if (Ascii.Equals(word, name))
                return place;
        }

        return -1;
    }

    /// <summary>Parses one integer, with only white space around it.</summary>
    public static Reading<long> ParseInteger(ReadOnlySpan<byte> text)
    {
        var rest = text;
        return TryTakeInteger(ref rest, out var value) && rest.IsEmpty ? value : Malformed(1, "one integer", text);
    }

    /// <summary>Takes an integer off the front, with the white space around it.</summary>
    public static bool TryTakeInteger(ref ReadOnlySpan<byte> text, out long value)
    {
        var rest = text.Trim(" \t\n"u8);
        if (!Utf8Parser.TryParse(rest, out value, out var length) || (length < rest.Length && !IsSpace(rest[length])))
            return false;
        text = rest[length..].Trim(" \t\n"u8);
        return true;
    }

    /// <summary>
    /// Takes a counter off the front, with the white space around it. Returns false when there is no integer. A counter
    /// that is negative or above 2^63-1 is <see cref="Absence.Malformed"/> by itself: later ones can still be read.
    /// </summary>
    public static bool TryTakeCounter(ref ReadOnlySpan<byte> text, out Reading<long> counter)
    {
        counter = default;
        var rest = text.TrimStart(" \t"u8);
        var end = rest.IndexOfAny(" \t\n"u8);
        var word = end < 0 ? rest : rest[..end];
        var digits = word is [(byte)'-', ..] ? word[1..] : word;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        counter =
            Utf8Parser.TryParse(word, out long value, out _) && value >= 0
                ? value
                : new Missing(Absence.Malformed, $"expected a counter below 2^63, found '{Decode(word)}'");
        text = rest[word.Length..].Trim(" \t\n"u8);
        return true;
    }

    /// <summary>
    /// Takes a limit off the front, with the white space around it. The kernel stores some limits as unsigned. A value
    /// above LONG_MAX becomes LONG_MAX, which is no limit either.
    /// </summary>
    public static bool TryTakeLimit(ref ReadOnlySpan<byte> text, out long limit)
    {
        if (TryTakeInteger(ref text, out limit))
            return true;
        var rest = text.Trim(" \t\n"u8);
        if (!Utf8Parser.TryParse(rest, out ulong _, out var length) || (length < rest.Length && !IsSpace(rest[length])))
            return false;
        text = rest[length..].Trim(" \t\n"u8);
        limit = long.MaxValue;
        return true;
    }

    /// <summary>
    /// Decodes text whose bytes any user chooses, such as the name of a process or interface. Bytes that are not UTF-8
    /// become \xNN. A backslash that looks like such an escape is escaped too, so that different names stay different.
    /// </summary>
    public static string Decode(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text) && text.IndexOf("\\x"u8) < 0)
            return Encoding.UTF8.GetString(text);
        var decoded = new StringBuilder();
        while (!text.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(text, out var rune, out var length) == OperationStatus.Done;
            if (isValid && !IsEscape(text))
            {
                decoded.Append(rune.ToString());
            }
            else
            {
                foreach (var value in text[..length])
                    decoded.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
            }

            text = text[length..];
        }

        return decoded.ToString();
    }

    /// <summary>
    /// Returns true when <see cref="Decode"/> wrote a byte as \xNN, so that the text differs from the real name.
    /// </summary>
    public static bool HasEscape(string decoded)
    {
        for (
            var at = decoded.IndexOf("\\x", StringComparison.Ordinal);
            at >= 0;
            at = decoded.IndexOf("\\x", at + 2, StringComparison.Ordinal)
        )
        {
            if (
                at + 3 < decoded.Length
                && char.IsAsciiHexDigit(decoded[at + 2])
                && char.IsAsciiHexDigit(decoded[at + 3])
            )
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Returns the missing value for text in an undocumented form: the line, the expected form, and the text found.
    /// </summary>
    public static Missing Malformed(int line, string expected, ReadOnlySpan<byte> found)
    {
        var end = found.IndexOf((byte)'\n');
        var text = Decode(end < 0 ? found : found[..end]);
        if (text.Length > QuotedAtMost)
            text = text[..QuotedAtMost] + "…";
        return new(Absence.Malformed, $"line {line}: expected {expected}, found '{text}'");
    }

    static bool IsEscape(ReadOnlySpan<byte> text) =>
        text is [(byte)'\\', (byte)'x', var high, var low, ..]
        && char.IsAsciiHexDigit((char)high)
        && char.IsAsciiHexDigit((char)low);

    static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\n';
}
