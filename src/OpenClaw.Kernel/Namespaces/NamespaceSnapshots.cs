using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>The readings of the network namespaces other than the exporter's own.</summary>
/// <param name="Used">One for each that was asked for, was still there when its turn came, and has something in it to
/// look at.</param>
/// <param name="Unused">
/// The number of the others: without TCP and UDP sockets and tracked connections, as far as the kernel's counts go: see
/// <see cref="Sockets.SocketsInUse"/>.
/// </param>
/// <param name="IncludesOwn">True where the exporter's own is one of those that were asked for.</param>
public sealed record NamespaceSnapshots(ImmutableArray<NamespaceSnapshot> Used, int Unused, bool IncludesOwn);

/// <summary>One network namespace, seen from inside.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Readings">The values that were read in it.</param>
/// <param name="Missing">Why it could not be entered, or was not reached; null when it was.</param>
public sealed record NamespaceSnapshot(NetworkNamespace Namespace, Readings Readings, Missing? Missing)
{
    /// <summary>Why it was not seen whole: not entered, or a reader could not see something inside.</summary>
    public Missing? Failure =>
        Missing ?? (Unseen is { } failure ? failure with { Detail = $"{Namespace.Name}: {failure.Detail}" } : null);

    Missing? Unseen =>
        Readings.Runs.Select(static run => run.Failure).FirstOrDefault(static failure => failure is { IsUnseen: true });
}
