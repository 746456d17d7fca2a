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
    /// The sockets of the machine below which the dump comes first. A walk takes 2 ms for an empty hash of 262,144
    /// buckets and 0.4 µs a socket; a dump takes 0.3 ms and 0.9 µs a socket. Where the dump does not show which ports
    /// are free, the walk follows.
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

    /// <summary>
    /// True since Linux 6.8 (TCP_BOUND_INACTIVE, commit 91051f003948). Earlier kernels never show a bound socket
    /// without a connection.
    /// </summary>
    static readonly bool ShowsBoundInactive = Environment.OSVersion.Version >= new Version(6, 8);

    readonly Dictionary<FileIdentity, (long Until, Missing Why)> _resting = [];

    /// <summary>
    /// Reads by the program in the kernel, besides listeners and sockets that are only bound. It does not see the
    /// latter, and listeners have queues in inet_diag.
    /// </summary>
    public Reading<TcpSockets> ReadWalk(string name, Lazy<Reading<TcpWalkProgram>> program, SamplingPass sampling)
    {
        // A program that was refused once is refused again.
        if (program.IsValueCreated && program.Value.Missing is { } refused)
            return Unavailable(refused);
        var settings = sampling.Get<EphemeralPortSettings>();
        if (sampling.Get<SocketsInUse>().TryGet(out var inUse) && None(inUse, settings).TryGet(out var none))
            return none;
        if (
            (inUse ?? SocketsInUse.Read(Proc)).Counts.TryGet(out var counts)
            && counts.TcpAllocated + counts.TimeWait < few
            && ReadDump(name, sampling) is var dumped
            && (dumped.Missing is not null || Fold.Ambiguous < AmbiguousAtMost)
        )
        {
            return dumped;
        }

        if (!program.Value.TryGet(out var walk))
            return Unavailable(program.Value.Missing!);
        _ = FileIdentity.Read(Proc.PathOf("thread-self/ns/net")).TryGet(out var netns);
        if (_resting.TryGetValue(netns, out var resting) && Environment.TickCount64 < resting.Until)
            return Unavailable(resting.Why);
        var reading = Read(sampling, isDump: true, () => Walk(name, walk, sampling));
        if (reading.Missing is not { Reason: not Absence.TimedOut } failure)
            return reading;
        Forget();
        _resting[netns] = (Environment.TickCount64 + (long)Rest.TotalMilliseconds, failure);
        return Unavailable(failure);
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
            Unlisted = sawAll ? 0 : SocketsInUse.Read(Proc).CountUncounted(Proc) ?? 0,
        };
    }

    Missing? Walk(string name, TcpWalkProgram walk, SamplingPass sampling)
    {
        var failure = Dump(name, sampling, dump =>
            SocketDiag.DumpTcp(dump, Fold, SocketDiag.Listeners, sampling.Deadline)
        ) ?? walk.Walk(Fold, sampling.Deadline);
        if (failure is not null)
            return failure;

        // Other namespaces have looked for sockets that are only bound already. Here, netlink sockets that this process
        // has closed count as such for some milliseconds. The walk takes longer where a dump would.
        if (!sampling.Get<SocketsInUse>().TryGet(out var inUse))
            inUse = SocketsInUse.Read(Proc).FindBoundOnly(Proc);
        return inUse.MayBeBoundOnly
            ? Dump(name, sampling, dump => SocketDiag.DumpBoundOnly(dump, Fold, sampling.Deadline))
            : null;
    }

    /// <summary>Forgets the namespaces that have rested.</summary>
    void Forget()
    {
        foreach (var rested in _resting.Where(static one => Environment.TickCount64 >= one.Value.Until).ToList())
            _ = _resting.Remove(rested.Key);
    }

    /// <summary>The dump shows the same sockets, so it is read after any failure but a lack of time.</summary>
    static Missing Unavailable(Missing missing) =>
        missing.Reason is Absence.NotPermitted or Absence.TimedOut
            ? missing
            : missing with
            {
                Reason = Absence.NotPresent,
            };
}
