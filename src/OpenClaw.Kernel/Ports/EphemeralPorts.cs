using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Ports;

/// <summary>
/// The use of the ephemeral ports of one protocol in one network namespace. "Used" means that a plain call cannot get
/// the port. <c>Limit - Used</c> ports are left for the call; at 0 it fails.
/// </summary>
/// <param name="Limit">The number of ports that the kernel can assign: the range without the reserved ones, less one
/// where an odd range loses one.</param>
/// <param name="Connect">The use for connect() of an unbound socket, worst first.</param>
/// <param name="Bind">The use for bind() to port 0: the wildcards first, then the worst specific addresses.</param>
public sealed record EphemeralPorts(int Limit, ImmutableArray<ConnectPorts> Connect, ImmutableArray<BindPorts> Bind)
{
    /// <summary>
    /// The number of these ports that have a listener at any address. 0 for UDP, which has no listeners.
    /// </summary>
    public int Listening { get; init; }

    /// <summary>
    /// The ports that programs wait on, in order. TCP: every port with a listener, inside the range or not. UDP: every
    /// port with an unconnected socket that the kernel does not assign, so that a program chose it.
    /// </summary>
    public ImmutableArray<ushort> ListeningPorts { get; init; } = [];

    /// <summary>True where every row is exact.</summary>
    public bool IsExact => Connect.All(static ports => ports.IsExact) && Bind.All(static ports => ports.IsExact);
}

/// <summary>The number of ports that a kind of call cannot get.</summary>
/// <param name="Used">The lowest possible number of taken ports; never above the limit.</param>
/// <param name="IsExact">True when no other port can be taken. False when inet_diag cannot show it. A connected socket
/// may have been bound explicitly, which hides its port from every connect(). An IPv6 socket may refuse IPv4. An odd
/// range loses a port.</param>
public abstract record PortUse(int Used, bool IsExact);

/// <summary>The number of ports that connect() of an unbound socket cannot take to one destination.</summary>
/// <param name="Source">The source address; null where it makes no difference.</param>
/// <param name="Destination">The destination; null for a destination without a connection yet (TCP) or for all
/// (UDP).</param>
/// <param name="Interface">The index of the interface that these sockets are bound to, or 0.</param>
/// <param name="Used"><inheritdoc cref="PortUse"/></param>
/// <param name="IsExact"><inheritdoc cref="PortUse"/></param>
public sealed record ConnectPorts(
    SocketAddress? Source,
    Destination? Destination,
    uint Interface,
    int Used,
    bool IsExact
) : PortUse(Used, IsExact)
{
    /// <summary>
    /// The number of ports that sockets of this source and destination take. The other ports are taken for every
    /// destination. For UDP, where no port is taken by destination, the number with a connected socket.
    /// </summary>
    public int Own { get; init; }

    /// <summary>The number of these sockets in TIME_WAIT.</summary>
    public int TimeWait { get; init; }

    /// <summary>
    /// The number of these sockets that are established and idle, without a timer. No keepalive would detect that the
    /// peer is gone.
    /// </summary>
    public int IdleWithoutKeepalive { get; init; }

    /// <summary>The path to the destination; null where the source does not show it.</summary>
    public DestinationPath? Path { get; init; }
}

/// <summary>
/// The network path to a destination, as the kernel measured it at the connections that hold ephemeral ports.
/// </summary>
/// <param name="RoundTrip">The mean of their smoothed round trips; null where none has measured one yet.</param>
/// <param name="Retransmits">The segments that the connections that are open sent again.</param>
/// <param name="CountedRetransmits">The retransmits of all connections that walks have seen, also of those that are
/// closed. A connection counts up to the last walk before its end. Null where the kernel cannot keep the number that a
/// walk has seen.</param>
public sealed record DestinationPath(TimeSpan? RoundTrip, long Retransmits, long? CountedRetransmits);

/// <summary>The number of ports that bind() to port 0 of one address cannot take.</summary>
/// <param name="Address">The address.</param>
/// <param name="Used"><inheritdoc cref="PortUse"/></param>
/// <param name="IsExact"><inheritdoc cref="PortUse"/></param>
public sealed record BindPorts(SocketAddress Address, int Used, bool IsExact) : PortUse(Used, IsExact);

/// <summary>A destination address and port.</summary>
public readonly record struct Destination(SocketAddress Address, ushort Port)
{
    /// <inheritdoc/>
    public override string ToString() => Address.IsIPv4 ? $"{Address}:{Port}" : $"[{Address}]:{Port}";
}
