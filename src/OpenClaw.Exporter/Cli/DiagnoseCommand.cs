using System.CommandLine;
using System.Globalization;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command diagnose.</summary>
static class DiagnoseCommand
{
    const string Json = "json";

    static readonly string[] Formats = ["text", Json];

    static string Description =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Prints the worst pool, its owner and the remedy. Exit codes: {ExitCodes.Ok} ok, "
                + $"{ExitCodes.Warning} warning, {ExitCodes.Critical} critical, {ExitCodes.Unknown} "
                + $"unknown. Takes the history from the exporter at the first "
                + $"{ExporterFlags.ListenAddress.Name}."
        );

    /// <summary>Creates the command.</summary>
    /// <param name="diagnose">Reads the kernel, and again after a time in which counters may rise.</param>
    public static Command Create(Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose)
    {
        var format = new Option<string>("--format")
        {
            Description = $"Output format. (default {Formats[0]})",
            HelpName = string.Join(" or ", Formats),
            DefaultValueFactory = static _ => Formats[0],
        };
        format.AcceptOnlyFromAmong(Formats);
        var observe = ExporterFlags.Observe();
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Print every line of every problem." };
        var command = new Verb(
            "diagnose",
            Description,
            "diagnose --netns=all -v",
            "diagnose --format=json | jq .problems"
        )
        {
            format,
            observe,
            verbose,
        };
        command.SetAction(
            async (result, stop) =>
            {
                var diagnosis = await diagnose(result, result.GetRequiredValue(observe));
                var isJson = result.GetValue(format) == Json;
                var answers = await LoggedErrors.AnswerAsync(result, diagnosis, stop);
                return PrintedDiagnosis.Print(diagnosis, result.GetValue(verbose), printer =>
                {
                    if (isJson)
                        printer.PrintJson(diagnosis, answers);
                    else
                        printer.PrintDiagnosis(diagnosis, answers);
                });
            }
        );
        return command;
    }
}
