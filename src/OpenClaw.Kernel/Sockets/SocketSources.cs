using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The sources of TCP sockets. The dump is one walk over both families.</summary>
/// <inheritdoc cref="SocketReaders.Tcp"/>
sealed class TcpSources(
    ProcMount proc,
    Func<TimeSpan, Reading<INetlinkTransport>> open,
    int worst,
    ServicePortList? servicePorts
) : SocketSources<TcpSockets>(proc, open, new(isTcp: true, worst, servicePorts))
{
    /// <summary>
    /// True since Linux 6.8 (TCP_BOUND_INACTIVE, commit 91051f003948). Earlier kernels never show a bound socket
    /// without a connection.
    /// </summary>
    static readonly bool ShowsBoundInactive = Environment.OSVersion.Version >= new Version(6, 8);

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
        };
    }
}

/// <summary>The sources of UDP sockets.</summary>
/// <inheritdoc cref="SocketReaders.Tcp"/>
sealed class UdpSources(ProcMount proc, Func<TimeSpan, Reading<INetlinkTransport>> open, int worst)
    : SocketSources<UdpSockets>(proc, open, new(isTcp: false, worst))
{
    protected override Missing? Dump(NetlinkDump dump, SamplingPass sampling) =>
        SocketDiag.DumpUdp(dump, Fold, sampling.Deadline);

    protected override Reading<UdpSockets> None(SocketsInUse inUse, Reading<EphemeralPortSettings> settings) =>
        inUse.Udp ? base.None(inUse, settings) : UdpSockets.None(settings);

    protected override UdpSockets Result(Reading<EphemeralPortSettings> settings, bool isDump)
    {
        var count = 0L;
        foreach (var sockets in Fold.States)
            count += sockets;
        return new(count, settings.Select(known => Fold.ToEphemeralPorts(known, sawAll: true)));
    }
}

/// <summary>The sources of the sockets of one protocol: a dump of inet_diag, and files. Both fill one fold.</summary>
/// <param name="proc">The procfs.</param>
/// <param name="open">Opens a netlink socket.</param>
/// <param name="fold">Collects the sockets.</param>
abstract class SocketSources<T>(ProcMount proc, Func<TimeSpan, Reading<INetlinkTransport>> open, SocketFold fold)
{
    static readonly Missing Unlisted = new(Absence.NotAsked, "sockets exist and have to be listed");

    /// <summary>The fold that takes the sockets.</summary>
    protected SocketFold Fold => fold;

    /// <summary>Reads by inet_diag, which a request with this name stands for in messages.</summary>
    public Reading<T> ReadDump(string name, SamplingPass sampling) =>
        Read(sampling, isDump: true, () => Dump(name, sampling));

    /// <summary>Reads the files below /proc/net.</summary>
    public Reading<T> ReadFiles(SamplingPass sampling) =>
        Read(sampling, isDump: false, () => SocketFiles.Read(proc, fold, sampling.Deadline));

    /// <summary>Runs the dump into the fold. Returns null, or the reason why the result is invalid.</summary>
    protected abstract Missing? Dump(NetlinkDump dump, SamplingPass sampling);

    /// <summary>
    /// Returns the value where counts show that there is no socket; missing where there are sockets.
    /// </summary>
    protected virtual Reading<T> None(SocketsInUse inUse, Reading<EphemeralPortSettings> settings) => Unlisted;

    /// <summary>Returns the value of the fold.</summary>
    protected abstract T Result(Reading<EphemeralPortSettings> settings, bool isDump);

    Reading<T> Read(SamplingPass sampling, bool isDump, Func<Missing?> fill)
    {
        var settings = sampling.Get<EphemeralPortSettings>();
        if (sampling.Get<SocketsInUse>().TryGet(out var inUse) && None(inUse, settings).TryGet(out var none))
            return none;
        fold.Restart(settings.TryGet(out var known) ? known : null);
        return fill() is { } failure ? failure : Result(settings, isDump);
    }

    Missing? Dump(string name, SamplingPass sampling)
    {
        if (sampling.Deadline.HasPassed)
            return new(Absence.TimedOut, $"{name}: deadline passed before the request");
        var opened = open(sampling.Deadline.Remaining);
        if (!opened.TryGet(out var transport))
            return opened.Missing;
        using (transport as IDisposable)
            return Dump(new NetlinkDump(transport, name), sampling);
    }
}
