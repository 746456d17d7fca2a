using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The maps of the program of <see cref="TcpWalkProgram"/>.</summary>
/// <param name="Walk">The value that the whole walk shares.</param>
/// <param name="Cgroups">The sockets of each cgroup, by state.</param>
/// <param name="Addresses">The ports of each local address.</param>
/// <param name="Pairs">The sockets of each pair of source and destination that hold a port.</param>
sealed record TcpWalkMaps(BpfMap Walk, BpfMap Cgroups, BpfMap Addresses, BpfMap Pairs) : IDisposable
{
    // The limits of the folds of a dump. Where there are more, the dump is read.
    const int CgroupsAtMost = 1024;
    const int AddressesAtMost = 256;
    const int PairsAtMost = 16384;

    /// <summary>The limit on elements, in words.</summary>
    public static string Limits { get; } =
        $"{CgroupsAtMost} cgroups, {AddressesAtMost} local addresses or {PairsAtMost} destinations";

    /// <summary>Creates the maps.</summary>
    /// <param name="pairs">The limit on pairs.</param>
    public static Reading<TcpWalkMaps> Create(int pairs = PairsAtMost)
    {
        var created = new List<BpfMap>();
        Missing? missing = null;
        Add(() => BpfMap.OneValue(TcpWalkLayout.Length));
        Add(() => BpfMap.Hash(sizeof(ulong), TcpWalkLayout.CgroupValueLength, CgroupsAtMost));
        Add(() => BpfMap.Hash(TcpWalkLayout.AddressLength, TcpWalkLayout.PortsLength, AddressesAtMost));
        Add(() => BpfMap.Hash(TcpWalkLayout.PairLength, TcpWalkLayout.PairValueLength, pairs));
        if (missing is null)
            return new TcpWalkMaps(created[0], created[1], created[2], created[3]);
        foreach (var map in created)
            map.Dispose();
        return missing;

        void Add(Func<Reading<BpfMap>> create)
        {
            if (missing is not null)
                return;
            var reading = create();
            if (reading.TryGet(out var map))
                created.Add(map);
            else
                missing = reading.Missing;
        }
    }

    public void Dispose()
    {
        Walk.Dispose();
        Cgroups.Dispose();
        Addresses.Dispose();
        Pairs.Dispose();
    }
}
