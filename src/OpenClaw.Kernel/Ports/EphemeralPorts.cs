using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Ports;

/// <summary>
/// Use of the ephemeral ports of one protocol in one network namespace. "Used" means: a plain call would not be given
/// that port. <c>Limit - Used</c> is what the call can still be given; at 0 it fails.
/// </summary>
/// <param name="Limit">Ports the kernel can hand out: the range less the reserved ones, less one where an odd range
/// loses one.</param>
/// <param name="Connect">For connect() of an unbound socket, worst first.</param>
/// <param name="Bind">For bind() to port 0, the wildcards first, then the worst specific addresses.</param>
public sealed record EphemeralPorts(int Limit, ImmutableArray<ConnectPorts> Connect, ImmutableArray<BindPorts> Bind)
{
    /// <summary>How many of them have a listener, whatever its address; 0 for UDP, which knows none.</summary>
    public int Listening { get; init; }

    /// <summary>The ports that have a TCP listener, inside the range or not: the lowest, a thousand at most.</summary>
    public ImmutableArray<ushort> ListeningPorts { get; init; } = [];

    /// <summary>Whether every row is exact.</summary>
    public bool IsExact => Connect.All(static ports => ports.IsExact) && Bind.All(static ports => ports.IsExact);
}

/// <summary>Ports that one kind of call cannot be given.</summary>
/// <param name="Used">How many, at least; never above the limit.</param>
/// <param name="IsExact">
/// True when it is proven that no other port is taken. False when inet_diag cannot tell: a connected socket may have
/// been bound by hand, which hides its port from every connect(); an IPv6 socket may refuse IPv4; an odd range loses a
/// port.
/// </param>
public abstract record PortUse(int Used, bool IsExact);

/// <summary>Ports that connect() of an unbound socket cannot take to one destination.</summary>
/// <param name="Source">The source address; null where it makes no difference.</param>
/// <param name="Destination">The destination; null for one that no socket is connected to yet (TCP) or for all
/// (UDP).</param>
/// <param name="Interface">The interface index these sockets are bound to, or 0.</param>
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
    /// How many of the ports are taken by sockets of just this source and destination; the rest no destination can
    /// have. Of UDP, where none can: how many have a connected socket.
    /// </summary>
    public int Own { get; init; }

    /// <summary>How many of its own are in TIME_WAIT.</summary>
    public int TimeWait { get; init; }

    /// <summary>
    /// How many of its own are established, have nothing on its way and no timer: no keepalive would notice that the
    /// peer is gone.
    /// </summary>
    public int IdleWithoutKeepalive { get; init; }
}

/// <summary>Ports that bind() to port 0 of one address cannot take.</summary>
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
