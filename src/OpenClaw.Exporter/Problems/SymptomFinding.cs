using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Problems;

/// <summary>A symptom that shows now.</summary>
/// <param name="Symptom">Which one.</param>
/// <param name="Netns">The network namespace whose it is; empty for what the machine has once.</param>
/// <param name="Labels">Values of its own labels.</param>
/// <param name="Increase">By how much a counter rose; 0 for what is a state.</param>
/// <param name="Over">Since when.</param>
/// <param name="Alert">What that means; null when it is worth knowing and no more.</param>
/// <param name="Cause">The full pool that explains it; null when none does.</param>
sealed record SymptomFinding(
    Symptom Symptom, string Netns, ImmutableArray<string> Labels, double Increase, TimeSpan Over, Alert? Alert, Pool? Cause)
{
    /// <summary>How bad it is.</summary>
    public PoolCondition Condition => Alert?.Severity ?? PoolCondition.Ok;
}
