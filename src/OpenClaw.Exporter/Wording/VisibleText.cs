using System.Globalization;
using System.Text;

namespace OpenClaw.Exporter.Wording;

/// <summary>Makes characters visible that a terminal would obey or hide.</summary>
static class VisibleText
{
    /// <summary>Returns true where every character is visible as itself.</summary>
    public static bool IsPlain(string text) => !text.Any(IsHidden);

    /// <summary>
    /// Returns the text with escapes such as \x1b and \u202e for control characters and for those that change the
    /// writing direction.
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
