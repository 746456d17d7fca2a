using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>A sign of exhaustion that has no limit to be divided by, such as a counter of drops.</summary>
sealed record Symptom
{
    /// <summary>Its metric's name behind <c>openclaw_network_</c>; a counter's ends in <c>_total</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its name as words.</summary>
    public string Words => (IsCounter ? Name[..^"_total".Length] : Name).Replace('_', ' ');

    /// <summary>Whether it only goes up; else it is a state that comes and goes.</summary>
    public bool IsCounter { get; init; } = true;

    /// <summary>
    /// Whether the exporter itself has counted it since it started, so that labels which were not there before count
    /// from 0.
    /// </summary>
    public bool IsCountedFromStart { get; init; }

    /// <summary>Whether it is the time at which something last happened.</summary>
    public bool IsTime => Name.EndsWith("_timestamp_seconds", StringComparison.Ordinal);

    /// <summary>The thing that it counts, or the unit of a state.</summary>
    public required string Unit { get; init; }

    /// <summary>What it counts, as a sentence.</summary>
    public required string Help { get; init; }

    /// <summary>The kernel file and field, or the request.</summary>
    public required string Source { get; init; }

    /// <summary>Whose it is.</summary>
    public required PoolScope Scope { get; init; }

    /// <summary>Labels of its own.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>The capability without which it is absent; empty when it needs none.</summary>
    public string Capability { get; init; } = "";

    /// <summary>
    /// What it means that a level with these labels shows; null when it is worth knowing and no more.
    /// </summary>
    public Func<ImmutableArray<string>, Alert?> Alert { get; init; } = static _ => null;

    /// <summary>
    /// Whether a level with these labels shows when a failure begins and not while it lasts: once is as much as there
    /// will be.
    /// </summary>
    public Func<ImmutableArray<string>, bool> IsSaidOnce { get; init; } = static _ => false;

    /// <summary>Of what is no counter: whether a value is a bad sign at a time.</summary>
    public Func<double, DateTimeOffset, bool> ShowsIn { get; init; } = static (_, _) => false;

    /// <summary>
    /// The meaning of a level that shows, as a sentence without its full stop, from the values of its labels, the words
    /// for where it is (empty, or with a space before them) and its alert; null where the name and the number say it.
    /// </summary>
    public Func<string, string, Alert?, string>? Headline { get; init; }

    /// <summary>
    /// Its levels in a network namespace, one for each set of label values; missing when the kernel gave none.
    /// </summary>
    public required Func<NamespaceView, Reading<ImmutableArray<SymptomLevel>>> Read { get; init; }

    /// <summary>There is one of each: to compare all its texts takes longer than to read it.</summary>
    public bool Equals(Symptom? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}

/// <summary>How often, or how much, a symptom has shown.</summary>
/// <param name="Value">The count since the kernel started, or the present state.</param>
/// <param name="Labels">Values of the symptom's own labels.</param>
readonly record struct SymptomLevel(double Value, params ImmutableArray<string> Labels)
{
    /// <summary>What it means that this level shows, where more than its labels says so; else null.</summary>
    public Alert? Alert { get; init; }
}
