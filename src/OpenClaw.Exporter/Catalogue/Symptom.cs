using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>A sign of exhaustion without a limit to divide it by, such as a counter of drops.</summary>
sealed record Symptom
{
    /// <summary>
    /// The name of the metric after <c>openclaw_network_</c>. The name of a counter ends in <c>_total</c>.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The name as words.</summary>
    public string Words => Titles.Words(IsCounter ? Name[..^"_total".Length] : Name);

    /// <summary>True for a counter, which only rises; false for a state that comes and goes.</summary>
    public bool IsCounter { get; init; } = true;

    /// <summary>True where the exporter itself counts since its start, so that new label values count from 0.</summary>
    public bool IsCountedFromStart { get; init; }

    /// <summary>True for the time of a last event.</summary>
    public bool IsTime => Name.EndsWith("_timestamp_seconds", StringComparison.Ordinal);

    /// <summary>The thing that it counts, or the unit of a state.</summary>
    public required string Unit { get; init; }

    /// <summary>The meaning of the value, as a sentence.</summary>
    public required string Help { get; init; }

    /// <summary>The kernel file and field, or the request.</summary>
    public required string Source { get; init; }

    /// <summary>The scope.</summary>
    public required PoolScope Scope { get; init; }

    /// <summary>The symptom's own labels.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>The capability without which the symptom is absent; empty when it needs none.</summary>
    public string Capability { get; init; } = "";

    /// <summary>
    /// The alert for its levels, where they have none of their own; null when they are only information.
    /// </summary>
    public Alert? Alert { get; init; }

    /// <summary>Returns true where a value that is no counter is a bad sign at a time.</summary>
    public Func<double, DateTimeOffset, bool> ShowsIn { get; init; } = static (_, _) => false;

    /// <summary>
    /// Returns the meaning of a level that shows, as a sentence without its full stop. The arguments are the level's
    /// words, the words for the place (empty, or with a space before them) and the alert. Null where the name and the
    /// number are clear.
    /// </summary>
    public Func<string, string, Alert?, string>? Headline { get; init; }

    /// <summary>
    /// Returns the remedy for a level that shows; null where the advice of its alert is all.
    /// </summary>
    public Func<NamespaceView, SymptomLevel, Remedy>? RemedyFor { get; init; }

    /// <summary>
    /// Reads the levels in a network namespace, one for each set of label values; missing when the kernel returned
    /// none.
    /// </summary>
    public required Func<NamespaceView, Reading<ImmutableArray<SymptomLevel>>> Read { get; init; }

    /// <summary>
    /// Returns the reason why a part is missing although there are levels; null when nothing is missing.
    /// </summary>
    public Func<NamespaceView, Missing?> Shortfall { get; init; } = static _ => null;

    /// <summary>
    /// Compares references. Each symptom exists once, and a comparison of all its texts takes longer than a reading.
    /// </summary>
    public bool Equals(Symptom? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}

/// <summary>The value of a symptom for one set of label values.</summary>
/// <param name="Value">The count since the kernel started, or the present state.</param>
/// <param name="Labels">The values of the symptom's own labels.</param>
readonly record struct SymptomLevel(double Value, params ImmutableArray<string> Labels)
{
    /// <summary>The alert for this level, where its symptom does not have the same for all; else null.</summary>
    public Alert? Alert { get; init; }

    /// <summary>
    /// The network namespace that the level itself names, empty for the machine; null where it is that of the reading.
    /// </summary>
    public string? Netns { get; init; }

    /// <summary>
    /// True where every level above 0 is listed. A level that was not listed at an earlier time was 0 then.
    /// </summary>
    public bool WasZeroUnlisted { get; init; }

    /// <summary>
    /// True where the level shows only the start of a failure and not its duration. It shows only once then.
    /// </summary>
    public bool IsSaidOnce { get; init; }

    /// <summary>
    /// The words that tell it from the symptom's other levels in one place; empty where it is the only one.
    /// </summary>
    public string Words
    {
        get => field ?? string.Join(' ', Labels.Where(static label => label.Length > 0));
        init;
    }
}
