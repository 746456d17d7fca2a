using System.Collections.Immutable;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Kernel.Holders;

/// <summary>Selects the groups of sockets that fill what is nearly full in a network namespace.</summary>
/// <param name="nearlyFull">The used part, between 0 and 1, from which a resource is nearly full.</param>
sealed class NearlyFullGroups(double nearlyFull)
{
    /// <summary>The limit on groups of each kind: as many destinations as are kept by name, or more.</summary>
    const int GroupsAtMost = 10;

    /// <summary>The types of the values that decide it.</summary>
    public static ImmutableArray<Type> Needs { get; } =
    [typeof(TcpSockets), typeof(UdpSockets), typeof(Sockstat), typeof(SocketLimits)];

    /// <summary>The types of the values that decide it where the caller has them.</summary>
    public static ImmutableArray<Type> Uses { get; } = [typeof(ConnectionLimits)];

    /// <summary>Returns the groups of sockets that fill what is nearly full.</summary>
    public ImmutableArray<SocketGroup> Select(SamplingPass sampling)
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
            if (sampling.Get<ConnectionLimits>().TryGet(out var limits))
                groups.AddRange(NearlyFull(tcp, limits).Take(GroupsAtMost));
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

    IEnumerable<SocketGroup> NearlyFull(TcpSockets tcp, ConnectionLimits limits) =>
        from limit in limits.All
        let own = tcp.Cgroups.Where(cgroup => limit.Cgroups.Contains(cgroup.Id))
        where IsNear(own.Sum(static cgroup => cgroup.Established), limit.Connections)
        select new CgroupGroup(limit.Cgroups);

    bool IsNear(double used, double limit) => used > 0 && used >= nearlyFull * limit;
}
