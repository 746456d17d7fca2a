using System.Collections.Immutable;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>What was read in the network namespaces other than the exporter's own.</summary>
/// <param name="All">One for each that was asked for and still there when its turn came; none where no such one exists.</param>
/// <param name="IncludesOwn">Whether the exporter's own is one of those that were asked for.</param>
public sealed record NamespaceSnapshots(ImmutableArray<NamespaceSnapshot> All, bool IncludesOwn);

/// <summary>One network namespace, seen from inside.</summary>
/// <param name="Namespace">Which one.</param>
/// <param name="Snapshot">What was read; of a namespace that nothing uses, only what shows that.</param>
/// <param name="Missing">Why it could not be entered, or was not reached; null when it was.</param>
public sealed record NamespaceSnapshot(NetworkNamespace Namespace, Snapshot Snapshot, Missing? Missing);
