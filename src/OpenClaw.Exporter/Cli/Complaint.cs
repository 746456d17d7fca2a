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
        catch (IOException)
        {
            // Standard error is full or closed, too. Only the exit code reports the failure then.
        }
    }
}
