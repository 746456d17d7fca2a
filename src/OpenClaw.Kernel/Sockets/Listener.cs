using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The accept queue of a listening socket: established connections that wait for accept().</summary>
/// <param name="Address">The address of the listener.</param>
/// <param name="Port">The port of the listener.</param>
/// <param name="Interface">The index of the interface that it is bound to, or 0.</param>
/// <param name="Waiting">Connections in the queue (idiag_rqueue).</param>
/// <param name="Backlog">The backlog of listen(), limited by somaxconn (idiag_wqueue); null where the source does not
/// show it.</param>
public readonly record struct Listener(SocketAddress Address, ushort Port, uint Interface, uint Waiting, uint? Backlog)
{
    /// <summary>
    /// The number of connections that the queue can hold: one more than the backlog, because sk_acceptq_is_full() is
    /// "sk_ack_backlog &gt; sk_max_ack_backlog". When it is full, the kernel drops the next SYN. Null where the backlog
    /// is unknown.
    /// </summary>
    public long? Capacity => Backlog + 1L;

    /// <summary>
    /// The number of listeners on this address, port and interface, which share the connections (SO_REUSEPORT); null
    /// where they were not counted.
    /// </summary>
    public int? Group { get; init; }

    /// <summary>The number of listeners of the group whose queues are full; 0 where backlogs are unknown.</summary>
    public int FullOnes { get; init; }

    /// <summary>True where nothing more fits into the queue.</summary>
    internal bool IsFull => Waiting >= Capacity;

    double Fullness => (double)Waiting / (Capacity ?? 1);

    internal bool IsSameListener(in Listener other) =>
        Port == other.Port && Interface == other.Interface && Address == other.Address;

    /// <summary>
    /// Returns true where it is shown before another: it is fuller, or more connections wait. Equals are in the order
    /// of their addresses.
    /// </summary>
    internal bool ComesBefore(in Listener other)
    {
        var order = other.Fullness.CompareTo(Fullness);
        if (order == 0)
            order = other.Waiting.CompareTo(Waiting);
        if (order == 0)
            order = Address.CompareTo(other.Address);
        if (order == 0)
            order = Port.CompareTo(other.Port);
        return (order == 0 ? Interface.CompareTo(other.Interface) : order) < 0;
    }
}
