namespace OpenClaw.Exporter.Cli;

/// <summary>A line on standard error with the reason why the program cannot do its work.</summary>
static class Complaint
{
    /// <summary>Prints the reason after the program's name.</summary>
    public static void Print(string reason)
    {
        try
        {
            Console.Error.WriteLine($"openclaw-exporter: {reason}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The library reports a closed descriptor (EBADF) as a lack of access.
            // Standard error is full or closed, too. Only the exit code reports the failure then.
        }
    }
}
