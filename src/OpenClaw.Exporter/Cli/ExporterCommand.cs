using System.CommandLine;
using System.CommandLine.Help;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command line: what a wrong one says, and what a right one starts.</summary>
static class ExporterCommand
{
    const int UsageError = 2;

    static readonly string[] Formats = ["text", "json"];

    /// <summary>Parses and runs; the exit code, 2 for a command line that cannot be understood.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="serve">What is started without a command.</param>
    /// <param name="diagnose">Reads the kernel, and again after a time in which counters may rise.</param>
    public static async Task<int> RunAsync(string[] arguments, Func<ParseResult, Task<int>> serve, Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose)
    {
        var result = Root(serve, diagnose).Parse(arguments);
        if (result.Errors is [var error, ..])
        {
            await Console.Error.WriteLineAsync($"openclaw-exporter: {error.Message} (--help lists the flags)");
            return UsageError;
        }

        // SIGTERM is the server's to hear: the library would end the process after two seconds, with whatever readers run left alive.
        return await result.InvokeAsync(new() { ProcessTerminationTimeout = null });
    }

    /// <summary>The program's commands and flags.</summary>
    internal static RootCommand Root(Func<ParseResult, Task<int>> serve, Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose)
    {
        var root = new RootCommand("Says which network resource this Linux machine is about to run out of: serves Prometheus metrics and a status page.");
        foreach (var flag in ExporterFlags.All)
        {
            flag.Recursive = true;
            root.Options.Add(flag);
        }

        root.SetAction(result => serve(result));
        root.Subcommands.Add(Status(diagnose));
        root.Subcommands.Add(Diagnose(diagnose));
        root.Subcommands.Add(Health());
        root.Subcommands.Add(Rules.Command());
        root.Options.OfType<HelpOption>().Single().Action = new FlagHelp();
        return root;
    }

    /// <summary>0 ok, 1 warning, 2 critical, 3 unknown.</summary>
    internal static int ExitCode(PoolCondition condition) => condition switch
    {
        PoolCondition.Ok => 0,
        PoolCondition.Warning => 1,
        PoolCondition.Critical => 2,
        _ => 3,
    };

    static Command Status(Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose)
    {
        var command = new Command("status", "Prints the block that OpenClaw's operators know.");
        command.SetAction(async result =>
        {
            var diagnosis = await diagnose(result, TimeSpan.Zero);
            if (SaysNothing(diagnosis))
                return ExitCode(PoolCondition.Unknown);
            new DiagnosisPrinter(Console.Out, DiagnosisPrinter.WantsColour).PrintStatus(diagnosis);
            return ExitCode(diagnosis.Condition);
        });
        return command;
    }

    static Command Diagnose(Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose)
    {
        var format = new Option<string>("--format") { Description = "The form of what it says (default text).", HelpName = "text or json", DefaultValueFactory = static _ => Formats[0] };
        format.AcceptOnlyFromAmong(Formats);
        var observe = ExporterFlags.Observe();
        var command = new Command("diagnose", "Names the worst pool, who holds it and the command that helps; exits 0 ok, 1 warning, 2 critical or wrong flags, 3 unknown.") { format, observe };
        command.SetAction(async result =>
        {
            var diagnosis = await diagnose(result, result.GetRequiredValue(observe));
            if (SaysNothing(diagnosis))
                return ExitCode(PoolCondition.Unknown);
            var printer = new DiagnosisPrinter(Console.Out, DiagnosisPrinter.WantsColour);
            if (result.GetValue(format) == "json")
                printer.PrintJson(diagnosis);
            else
                printer.PrintDiagnosis(diagnosis);
            return ExitCode(diagnosis.Condition);
        });
        return command;
    }

    static Command Health()
    {
        var ready = ExporterFlags.Switch("--ready", "false", "Ask whether it can read the kernel, too.");
        var command = new Command("healthcheck", "Asks the exporter that runs at the first --web.listen-address whether it serves, for container engines; exits 0 or 1.") { ready };
        command.SetAction(async (result, stop) =>
        {
            var path = result.GetRequiredValue(ready) ? ServedPaths.Ready : ServedPaths.Alive;
            if (await HealthCheck.RunAsync(result.GetRequiredValue(ExporterFlags.ListenAddress)[0], path, stop) is not { } failure)
                return 0;
            await Console.Error.WriteLineAsync($"openclaw-exporter: {failure}");
            return 1;
        });
        return command;
    }

    /// <summary>Whether the network namespace that was asked for does not exist; says so then. It may have a moment ago: that is unknown, no wrong command line.</summary>
    static bool SaysNothing(Diagnosis diagnosis)
    {
        if (!diagnosis.Namespaces.IsEmpty)
            return false;
        Console.Error.WriteLine($"openclaw-exporter: {diagnosis.Snapshot.FailureOf<NamespaceSnapshots>()?.Detail}");
        return true;
    }
}
