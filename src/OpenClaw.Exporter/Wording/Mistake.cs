namespace OpenClaw.Exporter.Wording;

/// <summary>A mistake of the program's in words for users: its trace is for the log, at debug level.</summary>
static class Mistake
{
    /// <summary>The message of an exception, in one line.</summary>
    public static string TextOf(Exception bug) =>
        string.Join(' ', bug.Message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
