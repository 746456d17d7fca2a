using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Holders;

/// <summary>
/// Finds the processes that hold the ports and queues that are nearly full. It asks for the sockets a second time, with
/// their inodes, so it asks only then, and at most every 15 seconds in each namespace.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="open">Opens a netlink socket.</param>
/// <param name="nearlyFull">The used part, between 0 and 1, from which a resource is nearly full.</param>
/// <param name="program">The program in the kernel that lists the sockets of all processes.</param>
/// <param name="time">The clock.</param>
sealed class NamespaceHoldersReader(
    ProcMount proc,
    Func<TimeSpan, Reading<INetlinkTransport>> open,
    double nearlyFull,
    Lazy<Reading<TaskFileProgram>> program,
    TimeProvider time
) : Reader<NamespaceHolders>("socket_holders", "inet_diag; /proc/PID/fd/* or bpf iter/task_file")
{
    /// <summary>The limit on groups of each kind: as many destinations as are kept by name, or more.</summary>
    const int GroupsAtMost = 10;

    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(15);
    static readonly TimeSpan BetweenNewLooks = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(5);

    /// <summary>The time for the search of processes, which a scrape may wait for.</summary>
    static readonly TimeSpan SearchAtMost = TimeSpan.FromMilliseconds(400);
    static readonly TimeSpan SharersAtMost = TimeSpan.FromMilliseconds(30);

    static readonly Missing NothingIsFull = new(Absence.NotAsked, "no port range or queue is nearly full");

    readonly Dictionary<FileIdentity, Look> _looks = [];

    public override ImmutableArray<Type> Needs { get; init; } =
    [
        typeof(EphemeralPortSettings),
        typeof(TcpSockets),
        typeof(UdpSockets),
        typeof(Sockstat),
        typeof(SocketLimits),
        typeof(ProcessTable),
    ];

    protected override Reading<NamespaceHolders> Read(SamplingPass sampling)
    {
        if (!sampling.Get<EphemeralPortSettings>().TryGet(out var settings))
            return new Missing(Absence.NotAsked, "the range of ports is not known");
        var groups = NearlyFull(sampling);
        FileIdentity? netns = FileIdentity.Read(proc.PathOf("thread-self/ns/net")).TryGet(out var own) ? own : null;
        var now = time.GetTimestamp();
        if (groups.IsEmpty)
        {
            _ = _looks.Remove(netns ?? default);
            return NothingIsFull;
        }

        foreach (var ended in _looks.Where(look => time.GetElapsedTime(look.Value.At, now) > Forgotten).ToList())
            _ = _looks.Remove(ended.Key);
        var last = _looks.GetValueOrDefault(netns ?? default);
        if (last is not null)
        {
            // A process that ended holds nothing any more, and its id may be another's.
            var present = last.Value.Without(process => HasEnded(process, sampling.Get<ProcessTable>()));
            var isOutdated =
                groups.Any(group => last.Value.Find(group) is null)
                || present.Processes.Count() < last.Value.Processes.Count();
            if (time.GetElapsedTime(last.At, now) < (isOutdated ? BetweenNewLooks : BetweenLooks))
                return present;
        }

        return Ask(groups, settings, sampling, netns)
            .Select(holders =>
            {
                var times = last?.Times ?? new();
                var dated = times.Date(holders, time.GetElapsedTime(0, now));
                _looks[netns ?? default] = new(now, dated, times);
                return dated;
            });
    }

    protected override Missing? Shortfall(NamespaceHolders value) =>
        value.Groups.Select(static group => group.Shortfall).FirstOrDefault(static missing => missing is not null);

    protected override Missing? FailureFrom(Missing missing) =>
        missing.Outcome is Outcome.None or Outcome.NotAsked ? null : missing;

    static bool HasEnded(HoldingProcess process, Reading<ProcessTable> processes) =>
        process.Inode > 0 && processes.TryGet(out var table) && InodeOf(process.Pid, table) != process.Inode;

    static ulong InodeOf(int pid, ProcessTable table) =>
        table.Processes.FirstOrDefault(process => process.Pid == pid)?.Inode ?? 0;

    /// <summary>Returns the groups of sockets that fill what is nearly full.</summary>
    ImmutableArray<SocketGroup> NearlyFull(SamplingPass sampling)
    {
        var groups = ImmutableArray.CreateBuilder<SocketGroup>();
        if (sampling.Get<TcpSockets>().TryGet(out var tcp))
        {
            if (tcp.Ports.TryGet(out var ports))
            {
                groups.AddRange(
                    ports
                        .Connect.Where(use => IsNear(use.Used, ports.Limit))
                        .Select(use => SocketGroups.Connecting(use, isTcp: true))
                        .Distinct()
                        .Take(GroupsAtMost)
                );
                groups.AddRange(NearlyFull(ports, isTcp: true));
            }

            groups.AddRange(
                tcp.Listeners.Where(listener => listener.Capacity is { } room && IsNear(listener.Waiting, room))
                    .Select(SocketGroups.Listening)
                    .Take(GroupsAtMost)
            );
        }

        if (sampling.Get<UdpSockets>().TryGet(out var udp) && udp.Ports.TryGet(out var udpPorts))
            groups.AddRange(NearlyFull(udpPorts, isTcp: false));
        groups.AddRange(NearlyFullOnMachine(sampling));
        return groups.ToImmutable();
    }

    /// <summary>
    /// Returns the groups that fill what the whole machine shares. Its use shows in each namespace, its limits only in
    /// the machine's own.
    /// </summary>
    IEnumerable<SocketGroup> NearlyFullOnMachine(SamplingPass sampling)
    {
        var limits = sampling.Get<LimitsOfMachine>().Then(static machine => machine.Limits);
        if (limits.Outcome == Outcome.NotAsked)
            limits = sampling.Get<SocketLimits>();
        if (!sampling.Get<Sockstat>().TryGet(out var used) || !limits.TryGet(out var limit))
            yield break;

        // The kernel counts an orphan up to four times (tcp_check_oom).
        if (AreNear(used.Orphans.Select(static orphans => 4 * orphans), limit.Orphans))
            yield return new OrphanGroup();
        if (AreNear(used.TcpPages, limit.TcpPages))
            yield return new QueueGroup(IsTcp: true);
        if (AreNear(used.UdpPages, limit.UdpPages))
            yield return new QueueGroup(IsTcp: false);
    }

    bool AreNear(Reading<long> used, Reading<long> limit) =>
        used.TryGet(out var count) && limit.TryGet(out var most) && IsNear(count, most);

    IEnumerable<SocketGroup> NearlyFull(EphemeralPorts ports, bool isTcp) =>
        ports
            .Bind.Where(use => IsNear(use.Used, ports.Limit))
            .Select(use => SocketGroups.Binding(use, isTcp))
            .Take(GroupsAtMost);

    bool IsNear(double used, double limit) => used > 0 && used >= nearlyFull * limit;

    Reading<NamespaceHolders> Ask(
        ImmutableArray<SocketGroup> groups,
        EphemeralPortSettings settings,
        SamplingPass sampling,
        FileIdentity? netns
    )
    {
        var tcp = new HolderFold([.. groups.Where(static group => group.IsTcp)], settings);
        var udp = new HolderFold([.. groups.Where(static group => !group.IsTcp)], settings);
        foreach (var (fold, name) in ((HolderFold, string)[])[(tcp, "TCPDIAG_GETSOCK"), (udp, "SOCK_DIAG_BY_FAMILY")])
        {
            if (fold.Tallies.IsEmpty)
                continue;
            var opened = open(sampling.Deadline.Remaining);
            if (!opened.TryGet(out var transport))
                return opened.Missing!;
            using (transport as IDisposable)
            {
                var dump = new NetlinkDump(transport, $"inet_diag, {name}");
                var failure =
                    fold == tcp
                        ? SocketDiag.DumpTcp(dump, fold, StatesOf(groups), sampling.Deadline)
                        : SocketDiag.DumpUdp(dump, fold, sampling.Deadline);
                if (failure is not null)
                    return failure;
            }
        }

        ImmutableArray<GroupTally> tallies = [.. tcp.Tallies, .. udp.Tallies];
        var search = new SocketProcesses(proc, sampling.Get<ProcessTable>(), netns, program);
        ulong[] wanted =
        [
            .. tallies
                .SelectMany(static tally => tally.Sockets)
                .Select(static socket => socket.Inode)
                .Distinct()
                .Order(),
        ];
        var processes = search.Find(wanted, Deadline.After(SharersAtMost), sampling.Deadline.NoLaterThan(SearchAtMost));
        var known = sampling.Get<ProcessTable>().TryGet(out var table) ? table : new([]);
        return new NamespaceHolders([.. tallies.Select(tally => HoldersOf(tally, processes, search, known))]);
    }

    SocketHolders HoldersOf(
        GroupTally tally,
        List<SocketsOfProcess> processes,
        SocketProcesses search,
        ProcessTable table
    )
    {
        var (holders, unfound) = new HolderRanking(proc, tally).Rank(processes);
        var identified = holders.Select(holder =>
            holder with
            {
                Process = holder.Process with { Inode = InodeOf(holder.Process.Pid, table) },
            }
        );
        return new(tally.Group, tally.Total, [.. identified])
        {
            TimeWait = tally.TimeWait,
            WithoutProcess = tally.WithoutProcess,
            ClosedHere = tally.ClosedHere,
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
        return search.Why is { } why ? why with { Detail = $"{why.Detail} ({search.Refused} processes)" } : null;
    }

    static uint StatesOf(ImmutableArray<SocketGroup> groups) =>
        groups.All(static group => group is ListenerGroup or BindGroup { IsTcp: false })
            ? 1u << (int)TcpState.Listen
            : SocketDiag.EveryState;

    sealed record Look(long At, NamespaceHolders Value, HolderTimes Times);
}
