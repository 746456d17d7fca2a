using System.Collections.Immutable;

namespace OpenClaw.Exporter.Gateway;

/// <summary>An error block of the OpenClaw log.</summary>
/// <param name="Time">The time at which it was read.</param>
/// <param name="Code">The code, such as clw-network-exhausted.</param>
/// <param name="Context">The text after "Context:"; empty when there is no such line.</param>
/// <param name="Details">The text after "Details:"; empty when there is no such line.</param>
sealed record ClwEvent(DateTimeOffset Time, string Code, string Context, string Details);

/// <summary>The errors in the OpenClaw log since the exporter started.</summary>
/// <param name="Counts">The number of errors by code. The known codes are always present.</param>
/// <param name="Recent">The last errors, the newest first.</param>
sealed record ClwErrors(ImmutableSortedDictionary<string, long> Counts, ImmutableArray<ClwEvent> Recent);
