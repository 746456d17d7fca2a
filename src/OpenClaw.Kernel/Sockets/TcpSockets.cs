using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The TCP sockets of one network namespace.</summary>
/// <param name="States">The number of sockets by state, in the order of <see cref="TcpState"/> less one. Bound sockets
/// without a connection are in none.</param>
/// <param name="Ports">The ephemeral ports that the sockets take.</param>
public sealed record TcpSockets(ImmutableArray<long> States, Reading<EphemeralPorts> Ports) : IPerNamespace
{
    /// <summary>
    /// The value of a namespace without sockets, by the kernel's counts. No count has sockets that are only bound, so
    /// the ports are unknown.
    /// </summary>
    public static TcpSockets None { get; } =
        new([.. new long[(int)TcpState.Closing]], new Missing(Absence.NotPresent, "no TCP socket in use"));

    /// <summary>Returns the number of sockets in a state.</summary>
    public long this[TcpState state] => States[(int)state - 1];

    /// <summary>The listeners with the fullest accept queues, worst first.</summary>
    public ImmutableArray<Listener> Listeners { get; init; } = [];

    /// <summary>The sockets at the ports of known services, at most a few for each.</summary>
    public ImmutableArray<ServicePortSocket> AtServicePorts { get; init; } = [];

    /// <summary>
    /// The lowest possible number of established sockets without keepalive: those without a running timer. The kernel
    /// shows only one timer, so keepalive is unknown for a socket that retransmits.
    /// </summary>
    public long EstablishedWithoutKeepalive { get; init; }

    /// <summary>The cgroups with the most sockets first; at most a thousand.</summary>
    public ImmutableArray<CgroupSockets> Cgroups { get; init; } = [];

    /// <summary>
    /// False where the source shows no cgroup of any socket. Then all sockets are in the list as those of cgroup 0.
    /// </summary>
    public bool ShowsCgroups { get; init; } = true;

    /// <summary>The sockets of the cgroups that are not in that list.</summary>
    public CgroupSockets OtherCgroups { get; init; }

    /// <summary>
    /// The sockets that no process holds any more and that still have data or a FIN to deliver. They are this
    /// namespace's part of the machine's orphans.
    /// </summary>
    public long Orphans { get; init; }

    /// <summary>
    /// The most sockets that are only bound, where the source does not show them; 0 where it does. Each may hold a
    /// port.
    /// </summary>
    public long Unlisted { get; init; }

    /// <summary>
    /// The bytes in the buffers of connections that wait to be read or acknowledged. The memory that they take is more.
    /// </summary>
    public long QueuedBytes { get; init; }
}

/// <summary>The UDP sockets of one network namespace.</summary>
/// <param name="Count">The number of sockets with a port.</param>
/// <param name="Ports">The ephemeral ports that the sockets take.</param>
public sealed record UdpSockets(long Count, Reading<EphemeralPorts> Ports) : IPerNamespace
{
    static readonly PortFold NoPorts = new(isTcp: false, worst: 0);

    /// <summary>
    /// Returns the value of a namespace without UDP sockets. No port is taken: the kernel counts every UDP socket with
    /// a port.
    /// </summary>
    /// <param name="settings">The settings of the namespace's ports.</param>
    public static UdpSockets None(Reading<EphemeralPortSettings> settings) =>
        new(0, settings.Select(static value => NoPorts.ToEphemeralPorts(value, sawAll: true)));
}
