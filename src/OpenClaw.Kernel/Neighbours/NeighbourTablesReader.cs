using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Neighbours;

/// <summary>
/// Reads both tables. Neither exists in a child namespace. The kernel's counts include entries that the limit does not
/// apply to. Where a table is near its limit, the reader dumps it and counts those.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="open">Opens an rtnetlink socket.</param>
/// <param name="wholeHost">True to count the entries of other network namespaces too. A dump shows only those of one
/// namespace.</param>
sealed class NeighbourTablesReader(ProcMount proc, Func<TimeSpan, Reading<INetlinkTransport>> open, bool wholeHost)
    : Reader<NeighbourTables>(
        "neighbour_tables",
        "/proc/net/stat/arp_cache, ndisc_cache; /proc/sys/net/ipv4|ipv6/neigh/default/gc_thresh3; rtnetlink, "
            + "RTM_GETNEIGH"
    )
{
    const string DumpSource = "rtnetlink, RTM_GETNEIGH";

    /// <summary>The limit on interfaces that are named.</summary>
    const int InterfacesAtMost = 5;

    /// <summary>The limit on the time for all dumps of other namespaces.</summary>
    static readonly TimeSpan AtMost = TimeSpan.FromSeconds(1);

    /// <summary>
    /// True since Linux 5.0 (commit 58956317c8de, "neighbor: Improve garbage collection"). Earlier kernels compare the
    /// limit with all entries.
    /// </summary>
    static readonly bool AreSomeExempt = Environment.OSVersion.Version.Major >= 5;

    public override ImmutableArray<Type> Needs { get; init; } = wholeHost ? [typeof(NetworkNamespaces)] : [];

    protected override Reading<NeighbourTables> Read(SamplingPass sampling)
    {
        var tables = new NeighbourTables(
            Table("arp_cache", "ipv4", SysSocket.AF_INET, sampling),
            Table("ndisc_cache", "ipv6", SysSocket.AF_INET6, sampling)
        );
        return tables.IPv4.Missing is { } missing && tables.IPv6.Missing is not null ? missing : tables;
    }

    protected override Missing? Shortfall(NeighbourTables value) =>
        new[] { value.IPv4, value.IPv6 }
            .Select(static table => table.Then(static table => table.Exempt).Missing)
            .FirstOrDefault(static missing => missing is { IsUnseen: true });

    Reading<NeighbourTable> Table(string cache, string family, byte addressFamily, SamplingPass sampling) =>
        NeighbourTable
            .Read(proc, cache, family)
            .Select(table => AreSomeExempt && table.IsNearLimit ? InDetail(table, addressFamily, sampling) : table);

    /// <summary>Adds the counts of dumps.</summary>
    NeighbourTable InDetail(NeighbourTable table, byte family, SamplingPass sampling)
    {
        var interfaces = new List<NeighbourInterface>();
        var exempt = Count("", family, interfaces, sampling.Deadline)
            .Select(own => own + CountElsewhere(family, interfaces, sampling));
        return table with
        {
            Exempt = exempt,
            Interfaces =
            [
                .. interfaces
                    .OrderByDescending(static link => link.Entries)
                    .ThenBy(static link => link.Netns, StringComparer.Ordinal)
                    .ThenBy(static link => link.Name, StringComparer.Ordinal)
                    .Take(InterfacesAtMost),
            ],
        };
    }

    /// <summary>
    /// Counts the entries of the calling thread's namespace that the limit does not apply to, and adds its interfaces.
    /// </summary>
    Reading<long> Count(string netns, byte family, List<NeighbourInterface> interfaces, Deadline deadline) =>
        open(deadline.Remaining)
            .Then(transport =>
            {
                using (transport as IDisposable)
                {
                    return new NetlinkDump(transport, DumpSource)
                        .RunUndisturbed(
                            LinuxRtnetlink.RTM_GETNEIGH,
                            new LinuxNeighbour.ndmsg { ndm_family = family },
                            static () => new NeighbourFold(),
                            deadline
                        )
                        .Select(fold =>
                        {
                            foreach (var (index, count) in fold.Limited)
                                interfaces.Add(new(netns, NameOf(index), count));
                            return fold.Exempt;
                        });
                }
            });

    /// <summary>Returns the name of an interface of this thread's namespace; its index where it is gone.</summary>
    static string NameOf(int index)
    {
        Span<byte> name = stackalloc byte[NetIf.IF_NAMESIZE];
        return NetIf.if_indextoname((uint)index, name) == 0
            ? index.ToString(CultureInfo.InvariantCulture)
            : KernelText.Decode(name[..name.IndexOf((byte)0)]);
    }

    /// <summary>
    /// Counts in all other namespaces that can be entered. Entries of others stay in the upper bound.
    /// </summary>
    long CountElsewhere(byte family, List<NeighbourInterface> interfaces, SamplingPass sampling)
    {
        if (!wholeHost || !sampling.Get<NetworkNamespaces>().TryGet(out var namespaces))
            return 0;
        var others = namespaces.All.Where(static netns => !netns.IsOwn).ToList();
        if (others.Count == 0)
            return 0;
        var time = sampling.Deadline.Remaining;
        var deadline = Deadline.After(time < AtMost ? time : AtMost);
        return NamespaceThread.Run(() =>
        {
            var count = 0L;
            foreach (var netns in others)
            {
                if (deadline.HasPassed)
                    break;
                if (TryEnter(netns) && Count(netns.Name, family, interfaces, deadline).TryGet(out var exempt))
                    count += exempt;
            }

            return count;
        });
    }

    bool TryEnter(NetworkNamespace netns) =>
        netns
            .Pids.Select(pid => proc.PathOf($"{pid}/ns/net"))
            .Concat(netns.Mount is { } mount ? [mount] : Array.Empty<string>())
            .Any(path => NamespaceThread.Enter(path, Sched.CLONE_NEWNET, netns.Identity) is null);
}
