using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>What was read in the network namespaces other than the exporter's own.</summary>
/// <param name="Used">One for each that was asked for, was still there when its turn came, and has something in it to look at.</param>
/// <param name="Unused">How many others there are: without TCP and UDP sockets and tracked connections, as far as the kernel's counts go: see <see cref="SocketsInUse"/>.</param>
/// <param name="IncludesOwn">Whether the exporter's own is one of those that were asked for.</param>
public sealed record NamespaceSnapshots(ImmutableArray<NamespaceSnapshot> Used, int Unused, bool IncludesOwn);

/// <summary>One network namespace, seen from inside.</summary>
/// <param name="Namespace">Which one.</param>
/// <param name="Snapshot">What was read.</param>
/// <param name="Missing">Why it could not be entered, or was not reached; null when it was.</param>
public sealed record NamespaceSnapshot(NetworkNamespace Namespace, Snapshot Snapshot, Missing? Missing)
{
    /// <summary>Why it was not seen whole: not entered, or a reader failed inside; what a namespace does not have is no failure.</summary>
    public Missing? Failure => Missing
        ?? (Snapshot.Runs.Select(static run => run.Failure).FirstOrDefault(static failure => failure is { Reason: not Absence.NotPresent }) is { } failure
            ? failure with { Detail = $"{Namespace.Name}: {failure.Detail}" }
            : null);
}
