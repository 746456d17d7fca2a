using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Sockets;

/// <summary>Reads every TCP socket of the network namespace in one dump.</summary>
/// <param name="open">Opens a netlink socket.</param>
/// <param name="worst">How many destinations, addresses and listeners are kept by name.</param>
/// <param name="states">Which states there are sockets in, as far as that is known.</param>
sealed class TcpSocketsReader(Func<TimeSpan, Reading<INetlinkTransport>> open, int worst, uint states = SocketDiag.EveryState)
    : Reader<TcpSockets>("tcp_sockets", "inet_diag, TCPDIAG_GETSOCK")
{
    readonly SocketFold _fold = new(isTcp: true, worst);

    /// <summary>The same where it is known that no socket is only bound: looking for them takes a quarter of a dump that finds nothing.</summary>
    public TcpSocketsReader WithoutBoundOnly() => new(open, worst, states & ~SocketDiag.BoundOnly);

    protected override Reading<TcpSockets> Read(SamplingPass sampling) =>
        SocketDump.Read(open, _fold, (dump, fold, deadline) => SocketDiag.DumpTcp(dump, fold, states, deadline), Source, sampling, ports =>
        {
            // What stands in CLOSE here are bound sockets without a connection; no socket that ss shows is in that state.
            var states = ImmutableArray.CreateBuilder<long>();
            states.AddRange(_fold.States);
            states[(int)TcpState.Close - 1] = 0;
            var (cgroups, rest) = _fold.ToCgroups();
            return new TcpSockets(states.ToImmutable(), ports)
            {
                Listeners = _fold.ToListeners(),
                EstablishedWithoutKeepalive = _fold.EstablishedWithoutTimer,
                Cgroups = cgroups,
                OtherCgroups = rest,
                Orphans = _fold.Orphans,
                QueuedBytes = _fold.QueuedBytes,
            };
        });
}

/// <summary>Reads every UDP socket of the network namespace.</summary>
sealed class UdpSocketsReader(Func<TimeSpan, Reading<INetlinkTransport>> open, int worst)
    : Reader<UdpSockets>("udp_sockets", "inet_diag, SOCK_DIAG_BY_FAMILY")
{
    readonly SocketFold _fold = new(isTcp: false, worst);

    protected override Reading<UdpSockets> Read(SamplingPass sampling) =>
        SocketDump.Read(open, _fold, SocketDiag.DumpUdp, Source, sampling, ports =>
        {
            var count = 0L;
            foreach (var sockets in _fold.States)
                count += sockets;
            return new UdpSockets(count, ports);
        });
}

/// <summary>What both readers do: one socket, one dump, one fold.</summary>
static class SocketDump
{
    /// <summary>TCP_BOUND_INACTIVE, commit 91051f003948 in Linux 6.8: before it, a bound socket without a connection is never shown.</summary>
    static readonly bool ShowsBoundInactive = Environment.OSVersion.Version >= new Version(6, 8);

    /// <summary>Runs a dump into the fold; what the fold makes of it, or why the dump cannot be trusted.</summary>
    public static Reading<T> Read<T>(
        Func<TimeSpan, Reading<INetlinkTransport>> open,
        SocketFold fold,
        Func<NetlinkDump, SocketFold, Deadline, Missing?> dump,
        string subject,
        SamplingPass sampling,
        Func<Reading<EphemeralPorts>, T> result)
    {
        // First the probe, to its end: its own sockets are in no dump.
        _ = sampling.Get<AllocationProbe>();
        var settings = sampling.Get<EphemeralPortSettings>();
        var opened = open(sampling.Deadline.Remaining);
        if (!opened.TryGet(out var transport))
            return opened.Missing!;
        using (transport as IDisposable)
        {
            fold.Restart(settings.TryGet(out var value) ? value : null);
            if (dump(new NetlinkDump(transport, subject), fold, sampling.Deadline) is { } failure)
                return failure;
        }

        return result(settings.Select(value => fold.ToEphemeralPorts(value, ShowsBoundInactive || !fold.IsTcp)));
    }
}
