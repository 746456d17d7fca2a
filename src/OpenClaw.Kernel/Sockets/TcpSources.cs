using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The sources of TCP sockets. The dump is one walk over both families. The program in the kernel counts them there,
/// and knows which ports connect() may share.
/// </summary>
/// <inheritdoc cref="SocketReaders.Tcp"/>
sealed class TcpSources(
    ProcMount proc,
    Func<TimeSpan, Reading<INetlinkTransport>> open,
    int worst,
    ServicePortList? servicePorts,
    int few = TcpSources.FewSockets
) : SocketSources<TcpSockets>(proc, open, new(isTcp: true, worst, servicePorts))
{
    /// <summary>
    /// The sockets of the machine below which the dump comes first. It takes 0.3 ms and 0.9 µs a socket. The iterator
    /// of older kernels takes 2 ms for an empty hash of 262,144 places and 0.6 µs a socket. The walk of the hash takes
    /// half of that, and its program some memory. Where the dump does not show which ports are free, the walk follows.
    /// </summary>
    public const int FewSockets = 4000;

    /// <summary>
    /// The part of the range from which the walk follows a dump that leaves it in doubt. Below it, a doubt changes no
    /// answer: nearly all ports are free, and the walk would cost a quiet machine half as much again.
    /// </summary>
    const double AmbiguousAtMost = 0.01;

    /// <summary>
    /// The time without a walk of a namespace that is too large for it. It would cost as much as the dump each time.
    /// </summary>
    static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    /// <summary>The time after which a closed socket is counted no more.</summary>
    static readonly TimeSpan AfterClose = TimeSpan.FromMilliseconds(20);

    /// <summary>The time after which what is known of a namespace is forgotten.</summary>
    static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    /// <summary>
    /// True since Linux 6.8 (TCP_BOUND_INACTIVE, commit 91051f003948). Earlier kernels never show a bound socket
    /// without a connection.
    /// </summary>
    static readonly bool ShowsBoundInactive = Environment.OSVersion.Version >= new Version(6, 8);

    readonly Dictionary<FileIdentity, (long Until, Missing Why)> _resting = [];

    /// <summary>
    /// The sockets of the machine when the dump of a namespace left its ports in doubt. The next readings walk at once,
    /// unless half of these are gone.
    /// </summary>
    readonly Dictionary<FileIdentity, (long Until, long Sockets)> _doubts = [];

    /// <summary>The retransmits in each network namespace that was walked lately.</summary>
    readonly Dictionary<FileIdentity, (long Until, RetransmitCounts Counts)> _retransmits = [];

    /// <summary>
    /// Reads by the program in the kernel, besides listeners and sockets that are only bound. It does not see the
    /// latter, and listeners have queues in inet_diag.
    /// </summary>
    public Reading<TcpSockets> ReadWalk(string name, Lazy<Reading<TcpWalkProgram>> program, SamplingPass sampling)
    {
        // A program that was refused once is refused again. The dump, which shows the same sockets, is the next source.
        if (program.IsValueCreated && program.Value.Missing is { } refused)
            return refused;
        var settings = sampling.Get<EphemeralPortSettings>();
        if (sampling.Get<SocketsInUse>().TryGet(out var inUse) && None(inUse, settings).TryGet(out var none))
            return none;
        _ = FileIdentity.Read(Proc.PathOf("thread-self/ns/net")).TryGet(out var netns);
        if (
            (inUse ?? SocketsInUse.Read(Proc)).Counts.TryGet(out var counts)
            && counts.TcpAllocated + counts.TimeWait is var sockets
            && sockets < few
            && !IsInDoubt(netns, sockets)
        )
        {
            var dumped = ReadDump(name, sampling);
            if (dumped.Missing is not null || Fold.Ambiguous < AmbiguousAtMost)
                return dumped;
            _doubts[netns] = (Later(Remembered), sockets);
        }

        if (!program.Value.TryGet(out var walk))
            return program.Value.Missing!;
        if (_resting.TryGetValue(netns, out var resting) && Environment.TickCount64 < resting.Until)
            return resting.Why;
        var reading = Read(sampling, isDump: true, () => Walk(name, walk, netns, sampling));
        if (reading.Missing is not { Reason: not Absence.TimedOut } failure)
            return reading;
        Forget(_resting);
        _resting[netns] = (Later(Rest), failure);
        return failure;
    }

    protected override Missing? Dump(NetlinkDump dump, SamplingPass sampling)
    {
        // A search for sockets that are only bound takes a quarter of the time of a dump that finds nothing.
        var states = sampling.Get<SocketsInUse>().TryGet(out var inUse) ? StatesOf(inUse) : SocketDiag.EveryState;
        return SocketDiag.DumpTcp(dump, Fold, states, sampling.Deadline);
    }

    static uint StatesOf(SocketsInUse inUse) =>
        (inUse.Tcp ? SocketDiag.EveryState & ~SocketDiag.BoundOnly : 0)
        | (inUse.MayBeBoundOnly ? SocketDiag.BoundOnly : 0);

    protected override Reading<TcpSockets> None(SocketsInUse inUse, Reading<EphemeralPortSettings> settings) =>
        inUse.Tcp || inUse.MayBeBoundOnly ? base.None(inUse, settings) : TcpSockets.None;

    protected override TcpSockets Result(Reading<EphemeralPortSettings> settings, bool isDump)
    {
        // In a dump, CLOSE means bound sockets without a connection. ss shows no socket in that state.
        var states = ImmutableArray.CreateBuilder<long>();
        states.AddRange(Fold.States);
        states[(int)TcpState.Close - 1] = 0;
        var (cgroups, rest) = Fold.ToCgroups();
        var sawAll = isDump && ShowsBoundInactive;
        return new(states.ToImmutable(), settings.Select(known => Fold.ToEphemeralPorts(known, sawAll)))
        {
            Listeners = Fold.ToListeners(),
            EstablishedWithoutKeepalive = Fold.EstablishedWithoutTimer,
            Cgroups = cgroups,
            OtherCgroups = rest,
            ShowsCgroups = isDump,
            AtServicePorts = Fold.ToServicePorts(),
            Orphans = Fold.Orphans,
            QueuedBytes = Fold.QueuedBytes,
            Unlisted = sawAll ? 0 : CountUncounted(),
        };
    }

    /// <summary>
    /// Counts the sockets that no protocol counts. A socket that was just closed counts as such for some milliseconds,
    /// so a count above 0 is taken again.
    /// </summary>
    long CountUncounted()
    {
        var count = SocketsInUse.Read(Proc).CountUncounted(Proc) ?? 0;
        if (count == 0)
            return 0;
        Thread.Sleep(AfterClose);
        return Math.Min(count, SocketsInUse.Read(Proc).CountUncounted(Proc) ?? count);
    }

    Missing? Walk(string name, TcpWalkProgram walk, FileIdentity netns, SamplingPass sampling)
    {
        var failure = Dump(name, sampling, dump =>
            SocketDiag.DumpTcp(dump, Fold, SocketDiag.Listeners, sampling.Deadline)
        ) ?? walk.Walk(Fold, TurnOf(netns, sampling), sampling.Deadline);
        if (failure is not null)
            return failure;
        CountRetransmits(netns);

        return MayBeBoundOnly(sampling)
            ? Dump(name, sampling, dump => SocketDiag.DumpBoundOnly(dump, Fold, sampling.Deadline))
            : null;
    }

    /// <summary>
    /// Returns false where no socket is only bound. Only the counts of other namespaces were read. A kernel's listener
    /// there, such as that of an NFS server, is not told from a program's.
    /// </summary>
    bool MayBeBoundOnly(SamplingPass sampling) =>
        !sampling.Get<SocketsInUse>().TryGet(out var inUse)
        || (inUse.MayBeBoundOnly && (!inUse.IsHiddenByTcpAlone || Fold.HasSomeOfKernel));

    WalkTurn TurnOf(FileIdentity netns, SamplingPass sampling)
    {
        if (!sampling.Get<SnapshotStart>().TryGet(out var start))
            return new(netns.Inode, 0, IsOfOther: false, 0);
        var sockets =
            sampling.Get<SocketsInUse>().TryGet(out var inUse) && inUse.Counts.TryGet(out var counts)
                ? inUse.TcpInUse + counts.TimeWait - Fold.States[(int)TcpState.Listen - 1]
                : 0;
        return new(netns.Inode, start.Time, IsOfOther: true, sockets);
    }

    void CountRetransmits(FileIdentity netns)
    {
        Forget(_retransmits);
        if (!Fold.KnowsRetransmits)
            return;
        var counts = _retransmits.TryGetValue(netns, out var known) ? known.Counts : new();
        _retransmits[netns] = (Later(Remembered), counts);
        Fold.CountRetransmits(counts);
    }

    bool IsInDoubt(FileIdentity netns, long sockets)
    {
        Forget(_doubts);
        return _doubts.TryGetValue(netns, out var doubt) && sockets >= doubt.Sockets / 2;
    }

    static long Later(TimeSpan time) => Environment.TickCount64 + (long)time.TotalMilliseconds;

    /// <summary>Forgets the namespaces whose time is over.</summary>
    static void Forget<T>(Dictionary<FileIdentity, (long Until, T Known)> namespaces)
    {
        foreach (var (netns, _) in namespaces.Where(static one => Environment.TickCount64 >= one.Value.Until).ToList())
            _ = namespaces.Remove(netns);
    }
}
