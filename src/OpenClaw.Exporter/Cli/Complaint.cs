namespace OpenClaw.Exporter.Cli;

/// <summary>One line on standard error that says why the program does not do what it was asked.</summary>
static class Complaint
{
    /// <summary>Prints it, under the program's name.</summary>
    public static void Print(string reason)
    {
        try
        {
            Console.Error.WriteLine($"openclaw-exporter: {reason}");
        }
        catch (IOException)
        {
            // Standard error is full or closed as well: the exit code has to say it alone.
        }
    }
}
