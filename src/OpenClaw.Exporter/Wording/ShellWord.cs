namespace OpenClaw.Exporter.Wording;

/// <summary>Names that anybody can give, as one word of a command that somebody will paste into a shell.</summary>
static class ShellWord
{
    const string Plain = "%+,-./:=@_";

    /// <summary>
    /// The name itself when a shell leaves it alone, else quoted; with control characters, in the quotes that show them
    /// as escapes.
    /// </summary>
    public static string Quote(string name)
    {
        if (
            name.Length > 0
            && name.All(static c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c, StringComparison.Ordinal))
        )
        {
            return name;
        }

        if (VisibleText.IsPlain(name))
            return $"'{name.Replace("'", @"'\''", StringComparison.Ordinal)}'";
        var escaped = name.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal);
        return $"$'{VisibleText.Escape(escaped)}'";
    }
}
