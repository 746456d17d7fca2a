using System.Collections.Immutable;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The ports of services whose sockets are kept: those known from the start, and those found since.</summary>
/// <param name="known">The ports known from the start.</param>
public sealed class ServicePortList(params ImmutableArray<ushort> known)
{
    /// <summary>The limit on ports that are found. Each socket of a dump is compared with all ports.</summary>
    public const int FoundAtMost = 8;

    volatile ushort[] _all = [.. known];

    /// <summary>All ports, at this moment.</summary>
    public IReadOnlyList<ushort> All => _all;

    /// <summary>
    /// The ports known from the start. The found ones count only in the exporter's own network
    /// namespace.
    /// </summary>
    public ServicePortList WithoutFound => new(known);

    /// <summary>Replaces the ports that were found. They count from the next dump on.</summary>
    public void SetFound(IEnumerable<ushort> ports) => _all = [.. known.Union(ports.Take(FoundAtMost))];
}
