namespace OpenClaw.Exporter.Wording;

/// <summary>Writes names that any user chooses as one word of a command, to be pasted into a shell.</summary>
static class ShellWord
{
    const string Plain = "%+,-./:=@_";

    /// <summary>
    /// Returns the name itself when it needs no quotes, else the quoted name. Control characters become escapes in the
    /// quotes.
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
