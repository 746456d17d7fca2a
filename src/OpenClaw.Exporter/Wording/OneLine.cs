namespace OpenClaw.Exporter.Wording;

/// <summary>Text in one line, whoever wrote it.</summary>
static class OneLine
{
    /// <summary>
    /// The message of a mistake of the program's. Its type and trace are for the log, at debug level.
    /// </summary>
    public static string From(Exception bug) => From(bug.Message);

    /// <summary>The lines of a text, one behind the other.</summary>
    public static string From(string text) =>
        string.Join(
            ' ',
            text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        );
}
