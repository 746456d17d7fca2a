using System.Collections.Immutable;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The pools that the kernel counts in sockstat.</summary>
static class SocketMemoryPools
{
    const long Unlimited = -1;

    /// <summary>
    /// Reads TIME_WAIT. A limit of 0 turns that state off (inet_twsk_alloc): each connection ends without it, and no
    /// call fails. So it limits nothing.
    /// </summary>
    public static Reading<ImmutableArray<PoolLevel>> TimeWaitSockets(NamespaceView view) =>
        Level(
            view,
            static sockets => sockets.TimeWait,
            static limits => limits.TimeWaitBuckets.Select(static limit => limit == 0 ? Unlimited : limit)
        );

    public static Reading<ImmutableArray<PoolLevel>> OrphanSockets(NamespaceView view) =>
        Level(view, static sockets => sockets.Orphans, static limits => limits.Orphans);

    public static Reading<ImmutableArray<PoolLevel>> TcpMemory(NamespaceView view) =>
        Level(view, static sockets => sockets.TcpPages, static limits => limits.TcpPages, Environment.SystemPageSize);

    public static Reading<ImmutableArray<PoolLevel>> UdpMemory(NamespaceView view) =>
        Level(view, static sockets => sockets.UdpPages, static limits => limits.UdpPages, Environment.SystemPageSize);

    static Reading<ImmutableArray<PoolLevel>> Level(
        NamespaceView view,
        Func<Sockstat, Reading<long>> used,
        Func<SocketLimits, Reading<long>> limit,
        int unit = 1
    ) =>
        view.Get<Sockstat>()
            .Then(used)
            .Select<ImmutableArray<PoolLevel>>(count =>
                [
                    PoolLevel.From(
                        (double)count * unit,
                        view.Get<SocketLimits>().Then(limit).Select(static value => (long?)value),
                        WholeSubject.Only,
                        unit
                    ),
                ]
            );
}
