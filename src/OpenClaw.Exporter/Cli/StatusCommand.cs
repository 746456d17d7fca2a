using System.CommandLine;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command status.</summary>
static class StatusCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="diagnose">Reads the kernel and makes a diagnosis.</param>
    public static Command Create(Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose)
    {
        var command = new Command("status", "Prints the block that OpenClaw's operators know.");
        command.SetAction(async result =>
        {
            var diagnosis = await diagnose(result, TimeSpan.Zero);
            return PrintedDiagnosis.Print(diagnosis, printer => printer.PrintStatus(diagnosis));
        });
        return command;
    }
}
