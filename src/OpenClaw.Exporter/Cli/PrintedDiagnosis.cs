using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Cli;

/// <summary>A diagnosis on standard output. Its verdict is the exit code of every command that prints one.</summary>
static class PrintedDiagnosis
{
    /// <summary>Prints a diagnosis. Returns its exit code.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="isVerbose">True to print every line.</param>
    /// <param name="print">Prints it in one of the forms.</param>
    public static int Print(Diagnosis diagnosis, bool isVerbose, Action<DiagnosisPrinter> print)
    {
        // The requested network namespace does not exist. It may have existed a moment ago, so the command line is
        // valid.
        if (diagnosis.Namespaces.IsEmpty)
        {
            Complaint.Print($"{diagnosis.Snapshot.FailureOf<NamespaceSnapshots>()?.Detail}");
            return ExitCodes.ForCondition(PoolCondition.Unknown);
        }

        print(new(Console.Out, DiagnosisPrinter.WantsColour, isVerbose));
        return ExitCodes.ForCondition(diagnosis.Condition);
    }
}
