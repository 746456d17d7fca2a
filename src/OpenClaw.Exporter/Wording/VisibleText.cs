using System.Globalization;
using System.Text;

namespace OpenClaw.Exporter.Wording;

/// <summary>Text that shows what a terminal, or a reader of it, would not.</summary>
static class VisibleText
{
    /// <summary>Whether every character shows as itself.</summary>
    public static bool IsPlain(string text) => !text.Any(IsHidden);

    /// <summary>
    /// The same with control characters, and those that turn the direction of writing, as escapes: \x1b, \u202e.
    /// </summary>
    public static string Escape(string text)
    {
        if (IsPlain(text))
            return text;
        var visible = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (!IsHidden(c))
                visible.Append(c);
            else if (c < 0x80)
                visible.Append(CultureInfo.InvariantCulture, $@"\x{(int)c:x2}");
            else
                visible.Append(CultureInfo.InvariantCulture, $@"\u{(int)c:x4}");
        }

        return visible.ToString();
    }

    static bool IsHidden(char c) =>
        char.GetUnicodeCategory(c)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
}
