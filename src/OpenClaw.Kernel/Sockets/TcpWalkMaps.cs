using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The maps of the program of <see cref="TcpWalkProgram"/>.</summary>
/// <param name="Walk">The value that the whole walk shares.</param>
/// <param name="Cgroups">The sockets of each cgroup, by state.</param>
/// <param name="Addresses">The ports of each local address.</param>
/// <param name="Pairs">The sockets of each pair of source and destination that hold a port.</param>
/// <param name="Retransmits">The retransmits of each socket of a pair that has any.</param>
/// <param name="Sockets">The sockets that are kept one by one.</param>
/// <param name="Places">The places of the hash where each other namespace has sockets.</param>
/// <param name="Parts">All of them.</param>
sealed record TcpWalkMaps(
    BpfMap Walk,
    BpfMap Cgroups,
    BpfMap Addresses,
    BpfMap Pairs,
    BpfMap Retransmits,
    BpfMap Sockets,
    BpfMap Places,
    BpfParts Parts
) : IDisposable
{
    // The limits of the folds of a dump. Where there are more, the dump is read.
    const int CgroupsAtMost = 1024;
    const int AddressesAtMost = 256;
    const int PairsAtMost = 16384;
    const int SocketsAtMost = 65536;

    // Where more sockets have retransmits, only the new ones are unknown.
    const int RetransmitsAtMost = 16384;

    // Where more namespaces have sockets, each is walked for itself.
    const int NamespacesAtMost = 256;

    /// <summary>The limit on elements, in words.</summary>
    public static string Limits { get; } =
        $"{CgroupsAtMost} cgroups, {AddressesAtMost} local addresses, {PairsAtMost} destinations or {SocketsAtMost} "
        + "sockets of services";

    /// <summary>Creates the maps.</summary>
    /// <param name="pairs">The limit on pairs.</param>
    /// <param name="retransmits">The limit on sockets with retransmits.</param>
    /// <param name="namespaces">The limit on namespaces whose places are noted.</param>
    public static Reading<TcpWalkMaps> Create(
        int pairs = PairsAtMost,
        int retransmits = RetransmitsAtMost,
        int namespaces = NamespacesAtMost
    )
    {
        var parts = new BpfParts();
        var walk = parts.Make(static () => BpfMap.OneValue(TcpWalkLayout.Length));
        var cgroups = parts.Make(static () =>
            BpfMap.Hash(sizeof(ulong), TcpWalkLayout.CgroupValueLength, CgroupsAtMost)
        );
        var addresses = parts.Make(static () =>
            BpfMap.Hash(TcpWalkLayout.AddressLength, TcpWalkLayout.PortsLength, AddressesAtMost)
        );
        var counted = parts.Make(() => BpfMap.Hash(TcpWalkLayout.PairLength, TcpWalkLayout.PairValueLength, pairs));
        var resending = parts.Make(() => BpfMap.Hash(TcpWalkLayout.RetransmitsLength, sizeof(ulong), retransmits));
        var sockets = parts.Make(static () => BpfMap.Hash(sizeof(ulong), TcpWalkLayout.SocketLength, SocketsAtMost));
        var places = parts.Make(() => BpfMap.Hash(sizeof(ulong), TcpWalkLayout.PlacesLength, namespaces));
        return parts.Refusal is { } missing
            ? missing
            : new TcpWalkMaps(walk!, cgroups!, addresses!, counted!, resending!, sockets!, places!, parts);
    }

    public void Dispose() => Parts.Dispose();
}
