using System.Collections.Immutable;

namespace OpenClaw.Exporter.Gateway;

/// <summary>An error in the OpenClaw log: a block of the runtime, or a line of the Gateway with an errno.</summary>
/// <param name="Time">The time in its line; the time at which it was read where the line has none.</param>
/// <param name="Code">The code, such as clw-network-exhausted.</param>
/// <param name="Context">The text after "Context:", or the failed call such as "connect to 10.0.0.5:443"; may be
/// empty.</param>
/// <param name="Details">The text after "Details:", or the errno; may be empty.</param>
sealed record ClwEvent(DateTimeOffset Time, string Code, string Context, string Details)
{
    /// <summary>The errno of a line with one; empty for a block of the runtime.</summary>
    public string Errno { get; init; } = "";

    /// <summary>The kind of call that failed; <see cref="LogCall.Other"/> where the line names none.</summary>
    public LogCall Call { get; init; }
}

/// <summary>The number of errors of the Gateway with one errno from one kind of call.</summary>
/// <param name="Errno">The errno, such as EMFILE.</param>
/// <param name="Call">The kind of call.</param>
/// <param name="Count">The number of errors.</param>
sealed record ErrnoCount(string Errno, string Call, long Count);

/// <summary>The errors in the OpenClaw log since the exporter started.</summary>
/// <param name="Counts">The number of errors by code. The known codes are always present.</param>
/// <param name="Recent">The last errors, the newest first.</param>
sealed record ClwErrors(ImmutableSortedDictionary<string, long> Counts, ImmutableArray<ClwEvent> Recent)
{
    /// <summary>The errors by errno and call: every row of the table once one of them was seen, else none.</summary>
    public ImmutableArray<ErrnoCount> Errnos { get; init; } = [];
}
