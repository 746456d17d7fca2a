using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Timeline;

namespace OpenClaw.Exporter.Problems;

/// <summary>A symptom that shows now.</summary>
/// <param name="Sample">The level that shows.</param>
/// <param name="Increase">By how much a counter rose; 0 for what is a state.</param>
/// <param name="Over">Since when.</param>
/// <param name="Cause">The full pool that explains it; null when none does.</param>
sealed record SymptomFinding(SymptomSample Sample, double Increase, TimeSpan Over, Pool? Cause)
{
    /// <summary>The symptom.</summary>
    public Symptom Symptom => Sample.Symptom;

    /// <summary>The network namespace whose it is; empty for what the machine has once.</summary>
    public string Netns => Sample.Netns;

    /// <summary>Values of its own labels.</summary>
    public ImmutableArray<string> Labels => Sample.Level.Labels;

    /// <summary>What it means; null when it is worth knowing and no more.</summary>
    public Alert? Alert => Sample.Alert;

    /// <summary>How bad it is.</summary>
    public PoolCondition Condition => Alert?.Severity ?? PoolCondition.Ok;
}
