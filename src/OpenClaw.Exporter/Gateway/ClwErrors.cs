using System.Collections.Immutable;

namespace OpenClaw.Exporter.Gateway;

/// <summary>One error block of the OpenClaw log.</summary>
/// <param name="Time">When it was read.</param>
/// <param name="Code">Its code, such as clw-network-exhausted.</param>
/// <param name="Context">What follows "Context:"; empty when there is no such line.</param>
/// <param name="Details">What follows "Details:"; empty when there is no such line.</param>
sealed record ClwEvent(DateTimeOffset Time, string Code, string Context, string Details);

/// <summary>What the OpenClaw log has said since the exporter started.</summary>
/// <param name="Counts">Errors by code; the known codes are always there.</param>
/// <param name="Recent">The last errors, the newest first.</param>
sealed record ClwErrors(ImmutableSortedDictionary<string, long> Counts, ImmutableArray<ClwEvent> Recent);
