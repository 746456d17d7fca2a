using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Cli;

/// <summary>A diagnosis on standard output: its verdict is the exit code, whichever verb prints it.</summary>
static class PrintedDiagnosis
{
    /// <summary>Prints a diagnosis; its exit code.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="print">The form of it.</param>
    public static int Print(Diagnosis diagnosis, Action<DiagnosisPrinter> print)
    {
        // The network namespace that was asked for does not exist. It may have a moment ago: the command line is not
        // wrong.
        if (diagnosis.Namespaces.IsEmpty)
        {
            Complaint.Print($"{diagnosis.Snapshot.FailureOf<NamespaceSnapshots>()?.Detail}");
            return ExitCodes.ForCondition(PoolCondition.Unknown);
        }

        print(new(Console.Out, DiagnosisPrinter.WantsColour));
        return ExitCodes.ForCondition(diagnosis.Condition);
    }
}
