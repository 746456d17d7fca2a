using System.Globalization;
using System.Text;

namespace OpenClaw.Exporter.Pools;

/// <summary>Names that anybody can give, as one word of a command that somebody will paste into a shell.</summary>
static class ShellWord
{
    const string Plain = "%+,-./:=@_";

    /// <summary>The name itself when a shell leaves it alone, else quoted; with control characters, in the quotes that show them as escapes.</summary>
    public static string Of(string name) =>
        name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c, StringComparison.Ordinal)) ? name
        : VisibleText.IsPlain(name) ? $"'{name.Replace("'", @"'\''", StringComparison.Ordinal)}'"
        : $"$'{VisibleText.Of(name.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal))}'";
}

/// <summary>Text that shows what a terminal, or a reader of it, would not.</summary>
static class VisibleText
{
    /// <summary>Whether every character shows as itself.</summary>
    public static bool IsPlain(string text) => !text.Any(IsHidden);

    /// <summary>The same with control characters, and those that turn the direction of writing, as escapes: \x1b, \u202e.</summary>
    public static string Of(string text)
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

    static bool IsHidden(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
