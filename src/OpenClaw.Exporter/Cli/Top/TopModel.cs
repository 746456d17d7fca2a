using System.Collections.Immutable;
using OpenClaw.Exporter.Status;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>The facts that top shows.</summary>
/// <param name="Diagnosis">The last diagnosis.</param>
/// <param name="Source">The origin of the diagnosis in words: an exporter, or this process.</param>
/// <param name="Trace">The utilisations of the last minute.</param>
/// <param name="Age">The time since the last diagnosis.</param>
sealed record TopModel(DiagnosisDocument Diagnosis, string Source, UtilizationTrace Trace, TimeSpan Age)
{
    const string Over = "over";

    /// <summary>The problems that are present, the worst first.</summary>
    public ImmutableArray<ProblemDocument> Present { get; } =
    [.. Diagnosis.Problems.Where(static problem => problem.Phase != Over)];

    /// <summary>The problems that are over.</summary>
    public ImmutableArray<ProblemDocument> Past { get; } =
    [.. Diagnosis.Problems.Where(static problem => problem.Phase == Over)];

    /// <summary>The rows of the tabs.</summary>
    public TopRows Rows { get; } = new(Diagnosis);

    /// <summary>Returns the number of the problem that a row is part of; 0, the worst one, for any other row.</summary>
    public int ProblemOf(TopRow? row)
    {
        if (row is null)
            return 0;
        for (var at = 0; at < Present.Length; at++)
        {
            var problem = Present[at];
            if (
                row.Level?.Pool == problem.Pool
                || problem.Holders.Any(holder => holder.Name == row.Name)
                || row.Related.Any(level => level.Pool == problem.Pool && level.Remedy is not null)
            )
            {
                return at;
            }
        }

        return 0;
    }
}
