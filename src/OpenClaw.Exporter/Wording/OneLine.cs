namespace OpenClaw.Exporter.Wording;

/// <summary>Writes text from any author in one line.</summary>
static class OneLine
{
    /// <summary>
    /// Returns the message of a bug in the program. Its type and stack trace are for the log, at debug level.
    /// </summary>
    public static string From(Exception bug) => From(bug.Message);

    /// <summary>Joins the lines of a text with spaces.</summary>
    public static string From(string text) =>
        string.Join(
            ' ',
            text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        );
}
