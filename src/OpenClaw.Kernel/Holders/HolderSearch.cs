using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Holders;

/// <summary>
/// Finds the processes of groups of sockets of one network namespace. Its netlink sockets belong to the namespace in
/// which they were opened, so any thread may run it.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="program">The program in the kernel that lists the sockets of all processes.</param>
/// <param name="table">The processes; missing where they are not known.</param>
/// <param name="netns">The network namespace; null where that is not known.</param>
sealed class HolderSearch(
    ProcMount proc,
    Lazy<Reading<TaskFileProgram>> program,
    Reading<ProcessTable> table,
    FileIdentity? netns
) : IDisposable
{
    /// <summary>The time for the search of processes by their links.</summary>
    static readonly TimeSpan SearchAtMost = TimeSpan.FromMilliseconds(400);
    static readonly TimeSpan SharersAtMost = TimeSpan.FromMilliseconds(30);

    readonly List<Part> _parts = [];
    readonly SocketBuffer _sockets = new();
    ImmutableArray<GroupTally> _tallies = [];

    /// <summary>
    /// Opens the netlink sockets in the namespace of the calling thread. Returns the failure; null when all are open.
    /// </summary>
    public Missing? Open(
        ImmutableArray<SocketGroup> groups,
        EphemeralPortSettings settings,
        Func<TimeSpan, Reading<INetlinkTransport>> open,
        Deadline deadline
    )
    {
        _tallies =
        [
            .. groups
                .OrderByDescending(static group => group.IsTcp)
                .Select(static (group, place) => new GroupTally(group, place)),
        ];
        foreach (var isTcp in (bool[])[true, false])
        {
            ImmutableArray<GroupTally> some = [.. _tallies.Where(tally => tally.Group.IsTcp == isTcp)];
            if (some.IsEmpty)
                continue;
            var opened = open(deadline.Remaining);
            if (!opened.TryGet(out var transport))
                return opened.Missing!;
            _parts.Add(new(isTcp, some, settings, transport, isTcp ? StatesOf(some) : SocketDiag.EveryState));
        }

        return null;
    }

    /// <summary>Lists the sockets and finds their processes.</summary>
    public Reading<NamespaceHolders> Run(Deadline deadline)
    {
        foreach (var part in _parts)
        {
            if (part.Dump(_sockets, deadline) is { } failure)
                return failure;
        }

        using var places = _sockets.ToPlaces();
        var search = new SocketProcesses(proc, table, netns, program);
        var processes = search.Find(places, Deadline.After(SharersAtMost), deadline.NoLaterThan(SearchAtMost));
        var ranking = new HolderRanking(proc, _sockets, processes);
        return new NamespaceHolders([.. _tallies.Select(tally => HoldersOf(tally, ranking, search))]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in _parts)
            (part.Transport as IDisposable)?.Dispose();
        _sockets.Dispose();
    }

    /// <summary>
    /// Returns the states of the sockets of TCP groups. A search for sockets that are only bound takes a quarter of the
    /// time of a dump, even where there are none.
    /// </summary>
    static uint StatesOf(ImmutableArray<GroupTally> tallies)
    {
        if (tallies.All(static tally => tally.Group is ListenerGroup))
            return SocketDiag.Listeners;
        return tallies.Any(static tally => tally.Group is BindGroup or BlockingGroup)
            ? SocketDiag.EveryState
            : SocketDiag.EveryState & ~SocketDiag.BoundOnly;
    }

    SocketHolders HoldersOf(GroupTally tally, HolderRanking ranking, SocketProcesses search)
    {
        var (holders, unfound) = ranking.Rank(tally);
        var known = table.TryGet(out var all) ? all : new([]);
        var identified = holders.Select(holder =>
            holder with
            {
                Process = holder.Process with { Inode = known.InodeOf(holder.Process.Pid) },
            }
        );
        return new(tally.Group, tally.Total, [.. identified])
        {
            TimeWait = tally.TimeWait,
            WithoutProcess = tally.WithoutProcess,
            ClosedHere = tally.ClosedHere,
            Unacknowledged = tally.Unacknowledged,
            Unfound = unfound,
            Cgroups = tally.ToCgroups(),
            Peers = tally.ToPeers(),
            Shortfall = unfound.IsEmpty ? null : WhyUnfound(search),
        };
    }

    static Missing? WhyUnfound(SocketProcesses search)
    {
        if (search.IsLate)
            return new(Absence.TimedOut, "/proc/PID/fd: the search for the processes of sockets took too long");
        return search.Why is { } why
            ? why with
            {
                Detail = $"{why.Detail} ({Counted.Format(search.Refused, "processes")})",
            }
            : null;
    }

    /// <summary>The groups of one protocol.</summary>
    sealed record Part(
        bool IsTcp,
        ImmutableArray<GroupTally> Tallies,
        EphemeralPortSettings Settings,
        INetlinkTransport Transport,
        uint States
    )
    {
        public Missing? Dump(SocketBuffer sockets, Deadline deadline)
        {
            var fold = new HolderFold(Tallies, sockets, Settings);
            var dump = new NetlinkDump(
                Transport,
                IsTcp ? "inet_diag, TCPDIAG_GETSOCK" : "inet_diag, SOCK_DIAG_BY_FAMILY"
            );
            if (!IsTcp)
                return SocketDiag.DumpUdp(dump, fold, deadline);

            // The other ends of the connections are often on this machine, too.
            return Tallies.All(static tally => tally.Group.CountsPorts)
                ? SocketDiag.DumpTcpPorts(dump, fold, States, Settings.First, Settings.Last, deadline)
                : SocketDiag.DumpTcp(dump, fold, States, deadline);
        }
    }
}
