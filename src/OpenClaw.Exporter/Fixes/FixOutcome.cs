using System.Collections.Immutable;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Fixes;

/// <summary>The result of a fix, of its undo or of keeping it.</summary>
/// <param name="Record">The fix; null where there is none.</param>
/// <param name="Failure">The reason why it is not done; null where it is.</param>
/// <param name="Left">The changes that could not be undone, each with the reason; none where all were.</param>
sealed record FixOutcome(FixRecord? Record, WriteFailure? Failure = null, params ImmutableArray<string> Left)
{
    /// <summary>Returns the outcome without a fix.</summary>
    public static implicit operator FixOutcome(WriteFailure failure) => new(null, failure);
}
