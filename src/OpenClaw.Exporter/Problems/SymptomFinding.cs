using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;

namespace OpenClaw.Exporter.Problems;

/// <summary>A symptom that shows now.</summary>
/// <param name="Sample">The level that shows.</param>
/// <param name="Increase">The increase of a counter; 0 for a state.</param>
/// <param name="Over">The time in which it increased.</param>
/// <param name="Cause">The full pool that explains it; null when none does.</param>
sealed record SymptomFinding(SymptomSample Sample, double Increase, TimeSpan Over, Pool? Cause)
{
    /// <summary>The symptom.</summary>
    public Symptom Symptom => Sample.Symptom;

    /// <summary>The network namespace of the symptom; empty for a value of the whole machine.</summary>
    public string Netns => Sample.Netns;

    /// <summary>The values of the symptom's own labels.</summary>
    public ImmutableArray<string> Labels => Sample.Level.Labels;

    /// <summary>The alert; null when the symptom is only information.</summary>
    public Alert? Alert => Sample.Alert;

    /// <summary>Failing while it shows at this moment; over when it showed in the last minutes only.</summary>
    public required Phase Phase { get; init; }

    /// <summary>The severity. A failure that is over has none.</summary>
    public PoolCondition Condition => Phase == Phase.Failing ? Alert?.Severity ?? PoolCondition.Ok : PoolCondition.Ok;
}
