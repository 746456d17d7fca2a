using System.Collections.Immutable;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The pools that the kernel counts in sockstat.</summary>
static class SocketMemoryPools
{
    public static Reading<ImmutableArray<PoolLevel>> TimeWaitSockets(Snapshot snapshot) =>
        Level(snapshot, static sockets => sockets.TimeWait, static limits => limits.TimeWaitBuckets);

    public static Reading<ImmutableArray<PoolLevel>> OrphanSockets(Snapshot snapshot) =>
        Level(snapshot, static sockets => sockets.Orphans, static limits => limits.Orphans);

    public static Reading<ImmutableArray<PoolLevel>> TcpMemory(Snapshot snapshot) =>
        Level(snapshot, static sockets => sockets.TcpPages, static limits => limits.TcpPages, Environment.SystemPageSize);

    public static Reading<ImmutableArray<PoolLevel>> UdpMemory(Snapshot snapshot) =>
        Level(snapshot, static sockets => sockets.UdpPages, static limits => limits.UdpPages, Environment.SystemPageSize);

    static Reading<ImmutableArray<PoolLevel>> Level(
        Snapshot snapshot, Func<Sockstat, Reading<long>> used, Func<SocketLimits, Reading<long>> limit, int unit = 1) =>
        snapshot.Get<Sockstat>().Then(used).Select<ImmutableArray<PoolLevel>>(count =>
        [
            PoolLevel.Of((double)count * unit, snapshot.Get<SocketLimits>().Then(limit).Select(static value => (long?)value), "", [], unit),
        ]);
}
