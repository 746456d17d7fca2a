using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>One network namespace that was looked into.</summary>
/// <param name="Name">Its name, the value of the label <c>netns</c>.</param>
/// <param name="Snapshot">What was read in it.</param>
/// <param name="Foreign">Which one it is; null for the exporter's own.</param>
sealed record NamespaceView(string Name, Snapshot Snapshot, NetworkNamespace? Foreign)
{
    /// <summary>Why it was not entered, so that at most what shows from outside was read; null when it was.</summary>
    public Missing? NotEntered { get; init; }

    /// <summary>What the reader of this type read in it, or why it could not.</summary>
    public Reading<T> Get<T>() => Snapshot.Get<T>();

    /// <summary>There is one of each in a diagnosis.</summary>
    public bool Equals(NamespaceView? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    /// <summary>The machine as a whole, whose values carry no network namespace.</summary>
    public static NamespaceView OfMachine(Snapshot snapshot) => new("", snapshot, null);

    /// <summary>The exporter's own.</summary>
    public static NamespaceView OwnOf(Snapshot snapshot) => new(
        snapshot.Get<NetworkNamespaces>().TryGet(out var namespaces) ? namespaces.Own.Name : NetworkNamespaces.Self, snapshot, null);

    /// <summary>The namespaces of a snapshot, the exporter's own first.</summary>
    public static ImmutableArray<NamespaceView> Of(Snapshot snapshot)
    {
        var own = OwnOf(snapshot);
        if (!snapshot.Get<NamespaceSnapshots>().TryGet(out var others))
            return [own];
        var foreign = others.Used.Select(static seen => new NamespaceView(seen.Namespace.Name, seen.Snapshot, seen.Namespace) { NotEntered = seen.Missing });
        return [.. others.IncludesOwn ? foreign.Prepend(own) : foreign];
    }

    /// <summary>Why namespaces that were asked for are none of those; null when all are there.</summary>
    public static Missing? Unseen(Snapshot snapshot) =>
        snapshot.Get<NamespaceSnapshots>().TryGet(out var others) && (others.IncludesOwn || !others.Used.IsEmpty) ? null : snapshot.FailureOf<NamespaceSnapshots>();
}
