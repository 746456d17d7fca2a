using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The TCP sockets of one network namespace.</summary>
/// <param name="States">Sockets by state, in the order of <see cref="TcpState"/> less one; bound sockets without a
/// connection are in none.</param>
/// <param name="Ports">The ephemeral ports they take.</param>
public sealed record TcpSockets(ImmutableArray<long> States, Reading<EphemeralPorts> Ports) : IPerNamespace
{
    /// <summary>
    /// Those of a namespace whose counts say that it has none; what is only bound is in no count, so of ports nothing
    /// is known.
    /// </summary>
    public static TcpSockets None { get; } =
        new(
            [.. new long[(int)TcpState.Closing]],
            new Missing(Absence.NotPresent, "no TCP socket is in use, so they were not dumped")
        );

    /// <summary>How many are in a state.</summary>
    public long this[TcpState state] => States[(int)state - 1];

    /// <summary>The listeners whose accept queues are fullest, worst first.</summary>
    public ImmutableArray<Listener> Listeners { get; init; } = [];

    /// <summary>
    /// Established sockets without keepalive, at least: those on which no timer runs. One that retransmits may have
    /// keepalive or not, the kernel shows one timer only.
    /// </summary>
    public long EstablishedWithoutKeepalive { get; init; }

    /// <summary>By cgroup, those with the most sockets first; a thousand at most.</summary>
    public ImmutableArray<CgroupSockets> Cgroups { get; init; } = [];

    /// <summary>Sockets of the cgroups that are not in that list.</summary>
    public CgroupSockets OtherCgroups { get; init; }

    /// <summary>
    /// Sockets that no process holds any more and that still have data or a FIN to deliver: this namespace's part of
    /// the machine's orphans.
    /// </summary>
    public long Orphans { get; init; }

    /// <summary>
    /// Bytes that wait in the buffers of connections, to be read or acknowledged; the memory they take is more.
    /// </summary>
    public long QueuedBytes { get; init; }
}

/// <summary>The UDP sockets of one network namespace.</summary>
/// <param name="Count">How many have a port.</param>
/// <param name="Ports">The ephemeral ports they take.</param>
public sealed record UdpSockets(long Count, Reading<EphemeralPorts> Ports) : IPerNamespace
{
    static readonly PortFold NoPorts = new(isTcp: false, worst: 0);

    /// <summary>
    /// Those of a namespace that has none: no port is taken then, for a UDP socket with a port is always counted.
    /// </summary>
    /// <param name="settings">The settings of its ports.</param>
    public static UdpSockets None(Reading<EphemeralPortSettings> settings) =>
        new(0, settings.Select(static value => NoPorts.ToEphemeralPorts(value, sawAll: true)));
}
