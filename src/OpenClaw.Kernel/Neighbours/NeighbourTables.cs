using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Neighbours;

/// <summary>The neighbour tables (ARP and NDISC), which all network namespaces of the machine share.</summary>
/// <param name="IPv4">The ARP table.</param>
/// <param name="IPv6">The NDISC table.</param>
public sealed record NeighbourTables(Reading<NeighbourTable> IPv4, Reading<NeighbourTable> IPv6);

/// <summary>An interface with entries in a neighbour table.</summary>
/// <param name="Netns">The name of its network namespace; empty for the exporter's own.</param>
/// <param name="Name">The name of the interface; its index where it has just vanished.</param>
/// <param name="Entries">The number of entries that the limit applies to.</param>
public sealed record NeighbourInterface(string Netns, string Name, long Entries);

/// <summary>A neighbour table.</summary>
/// <param name="Entries">Entries of the whole machine.</param>
/// <param name="TableFulls">The number of entries that were refused because the table was full.</param>
/// <param name="Maximum">gc_thresh3: the limit on entries.</param>
public sealed record NeighbourTable(long Entries, Reading<long> TableFulls, Reading<long> Maximum)
{
    /// <summary>The part of the limit from which <see cref="Exempt"/> is counted.</summary>
    public const double NearLimit = 0.75;

    /// <summary>
    /// The permanent and externally learned entries. The limit does not apply to them since Linux 5.0; 0 while the
    /// table is not near its limit. A lower bound: entries of namespaces that were not read are not included.
    /// </summary>
    public Reading<long> Exempt { get; init; } = 0;

    /// <summary>
    /// The interfaces with most entries that the limit applies to, the first one most. Empty while the table is not
    /// near its limit, and before Linux 5.0.
    /// </summary>
    public ImmutableArray<NeighbourInterface> Interfaces { get; init; } = [];

    /// <summary>The entries that the limit applies to; an upper bound.</summary>
    public long Limited => Exempt.TryGet(out var exempt) ? Math.Max(0, Entries - exempt) : Entries;

    /// <summary>True where so many entries exist that <see cref="Exempt"/> is needed.</summary>
    internal bool IsNearLimit => Maximum.TryGet(out var maximum) && maximum > 0 && Entries >= NearLimit * maximum;

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
