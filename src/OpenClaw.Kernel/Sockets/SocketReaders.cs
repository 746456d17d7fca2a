using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// Reads every TCP socket of the network namespace in one dump. Without sockets, by the kernel's counts, it sends no
/// request.
/// </summary>
/// <param name="open">Opens a netlink socket.</param>
/// <param name="worst">The number of destinations, addresses and listeners that are kept by name.</param>
sealed class TcpSocketsReader(Func<TimeSpan, Reading<INetlinkTransport>> open, int worst)
    : SocketReader<TcpSockets>("tcp_sockets", "inet_diag, TCPDIAG_GETSOCK", open, new(isTcp: true, worst))
{
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

    protected override TcpSockets Result(Reading<EphemeralPorts> ports)
    {
        // In this dump, CLOSE means bound sockets without a connection. ss shows no socket in that state.
        var states = ImmutableArray.CreateBuilder<long>();
        states.AddRange(Fold.States);
        states[(int)TcpState.Close - 1] = 0;
        var (cgroups, rest) = Fold.ToCgroups();
        return new TcpSockets(states.ToImmutable(), ports)
        {
            Listeners = Fold.ToListeners(),
            EstablishedWithoutKeepalive = Fold.EstablishedWithoutTimer,
            Cgroups = cgroups,
            OtherCgroups = rest,
            Orphans = Fold.Orphans,
            QueuedBytes = Fold.QueuedBytes,
        };
    }
}

/// <summary>
/// Reads every UDP socket of the network namespace. Without sockets, by the kernel's counts, it sends no request.
/// </summary>
/// <inheritdoc cref="TcpSocketsReader"/>
sealed class UdpSocketsReader(Func<TimeSpan, Reading<INetlinkTransport>> open, int worst)
    : SocketReader<UdpSockets>("udp_sockets", "inet_diag, SOCK_DIAG_BY_FAMILY", open, new(isTcp: false, worst))
{
    protected override Missing? Dump(NetlinkDump dump, SamplingPass sampling) =>
        SocketDiag.DumpUdp(dump, Fold, sampling.Deadline);

    protected override Reading<UdpSockets> None(SocketsInUse inUse, Reading<EphemeralPortSettings> settings) =>
        inUse.Udp ? base.None(inUse, settings) : UdpSockets.None(settings);

    protected override UdpSockets Result(Reading<EphemeralPorts> ports)
    {
        var count = 0L;
        foreach (var sockets in Fold.States)
            count += sockets;
        return new UdpSockets(count, ports);
    }
}

/// <summary>The common part of both readers: one netlink socket, one dump, one fold.</summary>
abstract class SocketReader<T> : Reader<T>
{
    /// <summary>
    /// True since Linux 6.8 (TCP_BOUND_INACTIVE, commit 91051f003948). Earlier kernels never show a bound socket
    /// without a connection.
    /// </summary>
    static readonly bool ShowsBoundInactive = Environment.OSVersion.Version >= new Version(6, 8);

    static readonly Missing Dumped = new(Absence.NotAsked, "there are sockets, which have to be dumped");

    readonly Func<TimeSpan, Reading<INetlinkTransport>> _open;

    private protected SocketReader(
        string name,
        string source,
        Func<TimeSpan, Reading<INetlinkTransport>> open,
        SocketFold fold
    )
        : base(name, source)
    {
        (_open, Fold) = (open, fold);
        Cost = ReaderCost.Large;
        Patience = TimeSpan.MaxValue;
    }

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(EphemeralPortSettings)];

    /// <summary>The fold that takes the sockets of a dump.</summary>
    protected SocketFold Fold { get; }

    /// <summary>Runs the dump into the fold. Returns null, or the reason why the result is invalid.</summary>
    protected abstract Missing? Dump(NetlinkDump dump, SamplingPass sampling);

    /// <summary>
    /// Returns the value without a dump, where counts show that there is no socket; missing where there are sockets.
    /// </summary>
    protected virtual Reading<T> None(SocketsInUse inUse, Reading<EphemeralPortSettings> settings) => Dumped;

    /// <summary>Returns the value of the fold.</summary>
    protected abstract T Result(Reading<EphemeralPorts> ports);

    protected override Reading<T> Read(SamplingPass sampling)
    {
        var settings = sampling.Get<EphemeralPortSettings>();
        if (sampling.Get<SocketsInUse>().TryGet(out var inUse) && None(inUse, settings).TryGet(out var none))
            return none;
        if (sampling.Deadline.HasPassed)
            return new Missing(Absence.TimedOut, $"{Source}: deadline passed before it was asked");
        var opened = _open(sampling.Deadline.Remaining);
        if (!opened.TryGet(out var transport))
            return opened.Missing!;
        using (transport as IDisposable)
        {
            Fold.Restart(settings.TryGet(out var value) ? value : null);
            if (Dump(new NetlinkDump(transport, Source), sampling) is { } failure)
                return failure;
        }

        return Result(settings.Select(value => Fold.ToEphemeralPorts(value, ShowsBoundInactive || !Fold.IsTcp)));
    }
}
