using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Kernel.Holders;

/// <summary>The sockets that together take one finite resource of a network namespace.</summary>
/// <param name="IsTcp">TCP or UDP.</param>
public abstract record SocketGroup(bool IsTcp)
{
    /// <summary>True where the resource is the ports that the kernel assigns: each port counts once.</summary>
    internal virtual bool CountsPorts => false;

    /// <summary>The states of its sockets, one bit each.</summary>
    internal virtual uint States => SocketDiag.EveryState;

    /// <summary>Returns true for a socket that takes part of the resource.</summary>
    internal abstract bool Includes(in SocketRecord socket);

    /// <summary>True where sockets take parts of different size. No socket is in two such groups.</summary>
    internal virtual bool HasWeights => false;

    /// <summary>Returns the part of the resource that a socket takes, where that is not a port.</summary>
    internal virtual long WeightOf(in SocketRecord socket) => 1;

    /// <summary>
    /// Returns the peer that a socket counts for, with port 0 where the ports of a peer count together; null where
    /// peers are not counted.
    /// </summary>
    internal virtual Destination? PeerOf(in SocketRecord socket) => null;
}

/// <summary>The sockets that take ports from one source to one destination.</summary>
/// <param name="Source">The source address.</param>
/// <param name="Destination">The destination.</param>
/// <param name="Interface">The index of the interface that they are bound to, or 0.</param>
public sealed record ConnectGroup(SocketAddress Source, Destination Destination, uint Interface)
    : SocketGroup(IsTcp: true)
{
    internal override bool CountsPorts => true;

    internal override bool Includes(in SocketRecord socket) =>
        socket.DestinationPort == Destination.Port
        && !socket.HoldsPortWithoutConnection
        && socket.Interface == Interface
        && socket.Source == Source
        && socket.Destination == Destination.Address;
}

/// <summary>The sockets that take ports from every destination: listeners, and bound ones without a
/// connection.</summary>
public sealed record BlockingGroup() : SocketGroup(IsTcp: true)
{
    internal override bool CountsPorts => true;

    internal override bool Includes(in SocketRecord socket) => socket.HoldsPortWithoutConnection;
}

/// <summary>The sockets that take the ports of one address from bind().</summary>
/// <param name="IsTcp">TCP or UDP.</param>
/// <param name="Address">The address. Sockets of every address of its family take a wildcard's ports.</param>
public sealed record BindGroup(bool IsTcp, SocketAddress Address) : SocketGroup(IsTcp)
{
    internal override bool CountsPorts => true;

    internal override bool Includes(in SocketRecord socket)
    {
        var source = socket.Source;
        return Address == SocketAddress.AnyIPv6
            || source == Address
            || source == SocketAddress.AnyIPv6
            || (Address.IsIPv4 && source == SocketAddress.AnyIPv4)
            || (Address == SocketAddress.AnyIPv4 && source.IsIPv4);
    }
}

/// <summary>
/// The listeners at one address whose queues are more than half full. Where several share the connections, the
/// others accept theirs.
/// </summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port.</param>
/// <param name="Interface">The index of the interface that they are bound to, or 0.</param>
public sealed record ListenerGroup(SocketAddress Address, ushort Port, uint Interface) : SocketGroup(IsTcp: true)
{
    internal override uint States => SocketDiag.Listeners;

    internal override bool Includes(in SocketRecord socket) =>
        socket.State == TcpState.Listen
        && 2 * socket.ReceiveQueue > socket.Backlog
        && socket.SourcePort == Port
        && socket.Interface == Interface
        && socket.Source == Address;

    internal override bool HasWeights => true;

    /// <summary>Returns the connections that wait for accept().</summary>
    internal override long WeightOf(in SocketRecord socket) => socket.ReceiveQueue;
}

/// <summary>
/// The closed sockets that still have data or a FIN to deliver (tcp_max_orphans). No process has them any more.
/// </summary>
public sealed record OrphanGroup() : SocketGroup(IsTcp: true)
{
    internal override bool Includes(in SocketRecord socket) => socket.IsOrphan;

    internal override Destination? PeerOf(in SocketRecord socket) => new(socket.Destination, socket.DestinationPort);
}

/// <summary>The established connections of some cgroups, incoming and outgoing.</summary>
/// <param name="Cgroups">The ids of the cgroups, each once, in ascending order.</param>
public sealed record CgroupGroup(ImmutableArray<ulong> Cgroups) : SocketGroup(IsTcp: true)
{
    internal override uint States => 1u << (int)TcpState.Established;

    internal override bool Includes(in SocketRecord socket) =>
        socket.State == TcpState.Established && Cgroups.Contains(socket.CgroupId);

    internal override Destination? PeerOf(in SocketRecord socket) => new(socket.Destination, 0);

    /// <inheritdoc/>
    public bool Equals(CgroupGroup? other) => other is not null && Cgroups.SequenceEqual(other.Cgroups);

    /// <inheritdoc/>
    public override int GetHashCode() => Cgroups.FirstOrDefault().GetHashCode();
}

/// <summary>The sockets with data that nobody has read, or that the peer has not acknowledged.</summary>
/// <param name="IsTcp">TCP or UDP.</param>
public sealed record QueueGroup(bool IsTcp) : SocketGroup(IsTcp)
{
    internal override bool Includes(in SocketRecord socket) =>
        socket.State != TcpState.Listen && socket.QueuedBytes > 0;

    internal override bool HasWeights => true;

    /// <summary>Returns the bytes of data; for UDP, the memory that the data to read takes.</summary>
    internal override long WeightOf(in SocketRecord socket) => socket.QueuedBytes;
}

/// <summary>Finds the groups of sockets that take what was counted.</summary>
public static class SocketGroups
{
    /// <summary>
    /// Returns the sockets that take most of the ports towards a destination: its own ones, or those that take ports
    /// from every destination.
    /// </summary>
    /// <param name="use">The use of the ports.</param>
    /// <param name="isTcp">TCP or UDP. connect() of a UDP socket binds it first.</param>
    public static SocketGroup Connecting(ConnectPorts use, bool isTcp)
    {
        if (!isTcp)
            return new BindGroup(false, use.Source ?? SocketAddress.AnyIPv4);
        return use is { Source: { } source, Destination: { } destination } && 2 * use.Own >= use.Used
            ? new ConnectGroup(source, destination, use.Interface)
            : new BlockingGroup();
    }

    /// <summary>Returns the sockets that take ports from bind() at an address.</summary>
    public static SocketGroup Binding(BindPorts use, bool isTcp) => new BindGroup(isTcp, use.Address);

    /// <summary>Returns the listeners that share the connections of one.</summary>
    public static SocketGroup Listening(Listener listener) =>
        new ListenerGroup(listener.Address, listener.Port, listener.Interface);
}
