using System.CommandLine;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command line: what a wrong one says, and what a right one starts.</summary>
static class ExporterCommand
{
    const int UsageError = 2;

    /// <summary>Parses and runs; the exit code, 2 for a command line that cannot be understood.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="serve">What a right command line starts.</param>
    public static async Task<int> RunAsync(string[] arguments, Func<ParseResult, Task<int>> serve)
    {
        var root = new RootCommand("Says which network resource this Linux machine is about to run out of, as Prometheus metrics.");
        foreach (var flag in ExporterFlags.All)
            root.Options.Add(flag);
        root.SetAction(result => serve(result));

        var result = root.Parse(arguments);
        if (result.Errors is [var error, ..])
        {
            await Console.Error.WriteLineAsync($"openclaw-exporter: {error.Message} (--help lists the flags)");
            return UsageError;
        }

        // SIGTERM is the server's to hear: the library would end the process after two seconds, with whatever readers run left alive.
        return await result.InvokeAsync(new() { ProcessTerminationTimeout = null });
    }
}
