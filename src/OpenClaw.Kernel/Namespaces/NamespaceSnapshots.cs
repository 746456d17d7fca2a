using System.Collections.Immutable;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>The readings of the network namespaces other than the exporter's own.</summary>
/// <param name="Used">The namespaces that were requested, still existed when they were read, and were in use.</param>
/// <param name="Unused">
/// The number of requested namespaces without TCP or UDP sockets and without tracked connections, by the kernel's
/// counts (see <see cref="Sockets.SocketsInUse"/>). They also have too few interfaces to fill a bridge.
/// </param>
/// <param name="IncludesOwn">True where the exporter's own namespace is one of the requested.</param>
public sealed record NamespaceSnapshots(ImmutableArray<NamespaceSnapshot> Used, int Unused, bool IncludesOwn)
{
    /// <summary>True where one namespace was requested by its name, and false where all were.</summary>
    public bool IsByName { get; init; }

    /// <summary>The namespaces that were left out because they may not be entered, each with the reason.</summary>
    public ImmutableArray<NamespaceSnapshot> LeftOut { get; init; } = [];

    /// <summary>The reason why the first of them may not be entered; null when none was left out.</summary>
    public Missing? WhyLeftOut => LeftOut.IsEmpty ? null : LeftOut[0].Missing;

    /// <summary>
    /// Returns the reason why a requested namespace was not entered; null where it was entered, or is not in use.
    /// </summary>
    public Missing? WhyNotEntered(NetworkNamespace netns) =>
        Used.Concat(LeftOut).FirstOrDefault(seen => seen.Namespace.Name == netns.Name)?.Missing;
}

/// <summary>A network namespace, read from inside.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Readings">The values that were read in the namespace.</param>
/// <param name="Missing">The reason why it was not entered or not reached; null when it was entered.</param>
public sealed record NamespaceSnapshot(NetworkNamespace Namespace, Readings Readings, Missing? Missing)
{
    /// <summary>
    /// The reason why the readings are incomplete: the namespace was not entered, or a reader could not read something
    /// inside.
    /// </summary>
    public Missing? Failure =>
        Missing ?? (Unseen is { } failure ? failure with { Detail = $"{Namespace.Name}: {failure.Detail}" } : null);

    /// <summary>The first failure. Unknown holders are told with what they hold: the readings are complete.</summary>
    Missing? Unseen =>
        Readings
            .Runs.Where(static run => run is not ReaderRun<NamespaceHolders>)
            .Select(static run => run.Failure)
            .FirstOrDefault(static failure => failure is { IsUnseen: true });
}
