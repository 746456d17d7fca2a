using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using Serilog.Events;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// The command line. It refuses an invalid one with a message, and starts the command of a valid one.
/// </summary>
static class ExporterCommand
{
    /// <summary>Parses the arguments and runs the command. Returns one of <see cref="ExitCodes"/>.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="serve">Starts the server, without a command.</param>
    /// <param name="diagnose">Reads the kernel, and again after a time in which counters may rise.</param>
    /// <param name="watch">Begins a series of diagnoses; null where no command needs it.</param>
    public static async Task<int> RunAsync(
        string[] arguments,
        Func<ParseResult, Task<int>> serve,
        Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose,
        Func<ParseResult, DiagnosisSeries>? watch = null
    )
    {
        var result = Root(serve, diagnose, watch).Parse(arguments);
        var isSetting = result.Errors is [{ SymbolResult: OptionResult }, ..];
        var message = isSetting ? null : Typo.Explain(result, arguments);
        if (result.Errors is [var error, ..])
        {
            var hint = FlagHelp.Hint(result.CommandResult.Command);
            return Fail(
                ExitCodes.ForFault(ExporterFlags.FaultOf(error)),
                message ?? $"{OneLine.From(WrongValue.Explain(error, arguments))} {hint}"
            );
        }

        if (message is not null)
            return Fail(ExitCodes.Usage, message);
        try
        {
            // Help and version are printed beside every mistake. Commands that need no thresholds refuse wrong ones,
            // too, as they refuse every other wrong value.
            if (result.Action is not { ClearsParseErrors: true })
            {
                if (UnknownVariable.Explain(result.RootCommandResult.Command) is { } unknown)
                    return Fail(ExitCodes.Usage, unknown);
                _ = PoolThresholds.Parse(result.GetValue(ExporterFlags.Pools));
            }

            // The server handles SIGTERM itself. The library would end the process after two seconds while readers
            // still run. The library also cannot distinguish a full disk from a bug.
            return await result.InvokeAsync(
                new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }
            );
        }
        catch (SettingException setting)
        {
            return Fail(ExitCodes.ForFault(setting.Fault), setting.Message);
        }
        catch (OutputException output)
        {
            return output.IsBrokenPipe
                ? ExitCodes.BrokenPipe
                : Fail(ExitCodes.OutputFailed, $"cannot write the output: {output.Message}");
        }
#pragma warning disable CA1031 // The last one who can say it in one line, and with a code of its own.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            var isDebugging = result.GetValue(ExporterFlags.LogLevel) <= LogEventLevel.Debug;
            return Fail(ExitCodes.Software, $"unexpected error: {(isDebugging ? $"{bug}" : OneLine.From(bug))}");
        }
    }

    /// <summary>Creates the program's commands and flags.</summary>
    internal static RootCommand Root(
        Func<ParseResult, Task<int>> serve,
        Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose,
        Func<ParseResult, DiagnosisSeries>? watch = null
    )
    {
        watch ??= static _ => throw new NotSupportedException();
        var root = new RootCommand(
            "Prometheus exporter for exhausted network resources on Linux. Without a command, "
                + "it serves metrics and a status page."
        );
        foreach (var flag in ExporterFlags.All)
        {
            flag.Recursive = true;
            root.Options.Add(flag);
        }

        root.SetAction(result => serve(result));
        root.Subcommands.Add(StatusCommand.Create(diagnose));
        root.Subcommands.Add(DiagnoseCommand.Create(diagnose));
        root.Subcommands.Add(TopCommand.Create(diagnose, result => watch(result).NextAsync));
        root.Subcommands.Add(HistoryCommand.Create());
        root.Subcommands.Add(TraceCommand.Create());
        root.Subcommands.Add(DemoCommand.Create(serve));
        root.Subcommands.Add(FixCommand.Create(diagnose));
        root.Subcommands.Add(VerifyCommand.Create(watch));
        root.Subcommands.Add(HealthCheckCommand.Create());
        root.Subcommands.Add(Rules.Command());
        root.Subcommands.Add(CompletionCommand.Create());
        root.Subcommands.Add(ManCommand.Create());
        root.Options.OfType<HelpOption>().Single().Action = new FlagHelp(isWhole: false);
        root.Options.Add(FlagHelp.CreateFlag());
        return root;
    }

    static int Fail(int code, string reason)
    {
        Complaint.Print(reason);
        return code;
    }
}
