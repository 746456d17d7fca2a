using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Kernel.Holders;

/// <summary>The sockets that together take one finite resource of a network namespace.</summary>
/// <param name="IsTcp">TCP or UDP.</param>
public abstract record SocketGroup(bool IsTcp)
{
    /// <summary>True where the resource is the ports that the kernel assigns: each port counts once.</summary>
    internal virtual bool CountsPorts => false;

    /// <summary>Returns true for a socket that takes part of the resource.</summary>
    internal abstract bool Includes(in SocketRecord socket);

    /// <summary>Returns the part of the resource that a socket takes, where that is not a port.</summary>
    internal virtual long WeightOf(in SocketRecord socket) => 1;
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

    internal override bool Includes(in SocketRecord socket) =>
        Address == SocketAddress.AnyIPv6
        || socket.Source == Address
        || socket.Source == SocketAddress.AnyIPv6
        || (Address.IsIPv4 && socket.Source == SocketAddress.AnyIPv4)
        || (Address == SocketAddress.AnyIPv4 && socket.Source.IsIPv4);
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
    internal override bool Includes(in SocketRecord socket) =>
        socket.State == TcpState.Listen
        && 2 * socket.ReceiveQueue > socket.Backlog
        && socket.SourcePort == Port
        && socket.Interface == Interface
        && socket.Source == Address;

    /// <summary>Returns the connections that wait for accept().</summary>
    internal override long WeightOf(in SocketRecord socket) => socket.ReceiveQueue;
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

/// <summary>The holders of the sockets of a group.</summary>
/// <param name="Group">The group.</param>
/// <param name="Total">The whole weight: sockets, waiting connections or bytes.</param>
/// <param name="Processes">The processes that hold most, the worst first.</param>
public sealed record SocketHolders(SocketGroup Group, long Total, ImmutableArray<SocketHolder> Processes)
{
    /// <summary>The number of sockets in TIME_WAIT. No process holds them, but their ports are taken.</summary>
    public long TimeWait { get; init; }

    /// <summary>
    /// The weight of other sockets without a process: closed with data to deliver, or not yet accepted.
    /// </summary>
    public long WithoutProcess { get; init; }

    /// <summary>The weight of sockets whose process was not found, by the user who created them.</summary>
    public ImmutableArray<OwnedWeight> Unfound { get; init; } = [];

    /// <summary>The weight by cgroup id, the heaviest first; without sockets whose cgroup is unknown.</summary>
    public ImmutableArray<OwnedWeight> Cgroups { get; init; } = [];

    /// <summary>The reason why some processes were not found; null when all sockets have one.</summary>
    public Missing? Shortfall { get; init; }
}

/// <summary>The weight of the sockets of one owner.</summary>
/// <param name="Owner">The id of the cgroup or user.</param>
/// <param name="Weight">The weight.</param>
public sealed record OwnedWeight(ulong Owner, long Weight);

/// <summary>A process, or several of one program, that hold sockets of a group.</summary>
/// <param name="Process">The process, or the one that holds most.</param>
/// <param name="Weight">The weight of the sockets that they hold together.</param>
/// <param name="Sockets">The number of those sockets.</param>
/// <param name="Processes">The number of processes.</param>
public sealed record SocketHolder(HoldingProcess Process, long Weight, long Sockets, int Processes)
{
    /// <summary>The lowest inode of the sockets, which is that of the oldest one.</summary>
    internal ulong OldestInode { get; init; }

    /// <summary>
    /// The time since the oldest of the sockets was seen first, which is the least age it has; null before the second
    /// look.
    /// </summary>
    public TimeSpan? Oldest { get; init; }

    /// <summary>The growth of the weight in an hour since the first look; null in the first minute.</summary>
    public double? PerHour { get; init; }
}

/// <summary>The holders of the resources of a network namespace that are nearly full.</summary>
/// <param name="Groups">The groups that were looked for.</param>
public sealed record NamespaceHolders(ImmutableArray<SocketHolders> Groups) : IPerNamespace
{
    /// <summary>The processes that hold most of each group.</summary>
    public IEnumerable<HoldingProcess> Processes =>
        Groups.SelectMany(static group => group.Processes).Select(static holder => holder.Process);

    /// <summary>Returns the same value without some processes.</summary>
    internal NamespaceHolders Without(Func<HoldingProcess, bool> ended) =>
        new([
            .. Groups.Select(group =>
                group with
                {
                    Processes = group.Processes.RemoveAll(holder => ended(holder.Process)),
                }
            ),
        ]);

    /// <summary>Returns the holders of a group; null where they were not looked for.</summary>
    public SocketHolders? Find(SocketGroup group) => Groups.FirstOrDefault(holders => holders.Group == group);
}
