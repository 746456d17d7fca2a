namespace OpenClaw.Exporter.Wording;

/// <summary>Writes names that any user chooses as one word of a command, to be pasted into a shell.</summary>
static class ShellWord
{
    const string Plain = "%+,-./:=@_";

    /// <summary>
    /// Returns the name itself when it needs no quotes, else the quoted name. Control characters become escapes in the
    /// quotes.
    /// </summary>
    public static string Quote(string name) =>
        name.Length > 0
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c, StringComparison.Ordinal))
            ? name
        : VisibleText.IsPlain(name) ? $"'{name.Replace("'", @"'\''", StringComparison.Ordinal)}'"
        : $"$'{VisibleText.Escape(name.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal))}'";
}
