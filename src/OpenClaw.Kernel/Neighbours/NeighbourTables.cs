using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Neighbours;

/// <summary>The neighbour tables (ARP and NDISC), which all network namespaces of the machine share.</summary>
/// <param name="IPv4">The ARP table.</param>
/// <param name="IPv6">The NDISC table.</param>
public sealed record NeighbourTables(Reading<NeighbourTable> IPv4, Reading<NeighbourTable> IPv6)
{
    internal const string Files =
        "/proc/net/stat/arp_cache, ndisc_cache; /proc/sys/net/ipv4|ipv6/neigh/default/gc_thresh3";

    /// <summary>Reads both tables. Neither exists in a child namespace.</summary>
    internal static Reading<NeighbourTables> Read(ProcMount proc)
    {
        var tables = new NeighbourTables(
            NeighbourTable.Read(proc, "arp_cache", "ipv4"),
            NeighbourTable.Read(proc, "ndisc_cache", "ipv6")
        );
        return tables.IPv4.Missing is { } missing && tables.IPv6.Missing is not null ? missing : tables;
    }
}

/// <summary>A neighbour table.</summary>
/// <param name="Entries">Entries of the whole machine.</param>
/// <param name="TableFulls">The number of entries that were refused because the table was full.</param>
/// <param name="Maximum">gc_thresh3: the limit on entries.</param>
public sealed record NeighbourTable(long Entries, Reading<long> TableFulls, Reading<long> Maximum)
{
    internal static Reading<NeighbourTable> Read(ProcMount proc, string cache, string family) =>
        proc.Read($"thread-self/net/stat/{cache}", PerCpuTable.Parse)
            .Then<NeighbourTable>(table =>
                table
                    .Once("entries")
                    .Select(entries => new NeighbourTable(
                        entries,
                        table.Sum("table_fulls"),
                        proc.ReadInteger($"sys/net/{family}/neigh/default/gc_thresh3")
                    ))
            );
}
