using System.Globalization;
using System.Text;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>Measures text in the columns of a terminal.</summary>
static class Columns
{
    /// <summary>
    /// The first and last code points of scripts with two columns a letter (Unicode, UAX #11: W and F).
    /// </summary>
    static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115f),
        (0x231a, 0x231b),
        (0x23e9, 0x23ec),
        (0x25fd, 0x25fe),
        (0x2614, 0x2615),
        (0x2648, 0x2653),
        (0x26a1, 0x26a1),
        (0x2705, 0x2705),
        (0x274c, 0x274e),
        (0x2753, 0x2757),
        (0x2795, 0x2797),
        (0x2b1b, 0x2b1c),
        (0x2e80, 0xa4cf),
        (0xa960, 0xa97f),
        (0xac00, 0xd7a3),
        (0xf900, 0xfaff),
        (0xfe30, 0xfe6f),
        (0xff00, 0xff60),
        (0xffe0, 0xffe6),
        (0x16fe0, 0x18cff),
        (0x1b000, 0x1b2ff),
        (0x1f000, 0x1faff),
        (0x20000, 0x3fffd),
    ];

    /// <summary>Returns the number of columns of a text.</summary>
    public static int Count(string text) => text.EnumerateRunes().Sum(Count);

    /// <summary>Returns the text, or its beginning with a mark where it has more columns than there is room.</summary>
    /// <param name="text">The text.</param>
    /// <param name="room">The number of columns.</param>
    /// <param name="mark">The mark of one column.</param>
    public static string Cut(string text, int room, char mark)
    {
        if (room <= 0)
            return "";
        if (Count(text) <= room)
            return text;
        var cut = new StringBuilder();
        var left = room - 1;
        foreach (var rune in text.EnumerateRunes())
        {
            left -= Count(rune);
            if (left < 0)
                break;
            cut.Append(rune);
        }

        return cut.Append(mark).ToString();
    }

    /// <summary>Returns the text with exactly so many columns: cut, or followed by spaces.</summary>
    public static string Fit(string text, int room, char mark)
    {
        var cut = Cut(text, room, mark);
        return cut + new string(' ', Math.Max(0, room - Count(cut)));
    }

    static int Count(Rune rune) =>
        Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => 0,
            _ => rune.Value >= Wide[0].First
            && Array.Exists(Wide, range => range.First <= rune.Value && rune.Value <= range.Last)
                ? 2
                : 1,
        };
}
