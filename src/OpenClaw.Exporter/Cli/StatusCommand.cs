using System.CommandLine;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command status.</summary>
static class StatusCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="diagnose">Reads the kernel and makes a diagnosis.</param>
    public static Command Create(Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose)
    {
        var observe = ExporterFlags.Observe();
        var command = new Verb(
            "status",
            "Prints the status block known from OpenClaw. Verdict and exit code are those of diagnose.",
            "status",
            "status --netns=self --observe=0s"
        )
        {
            observe,
        };
        command.SetAction(async result =>
        {
            var diagnosis = await diagnose(result, result.GetRequiredValue(observe));
            return PrintedDiagnosis.Print(diagnosis, isVerbose: false, printer => printer.PrintStatus(diagnosis));
        });
        return command;
    }
}
