using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The queue of a listening socket: connections that are established and wait for accept().</summary>
/// <param name="Address">The address it listens on.</param>
/// <param name="Port">The port it listens on.</param>
/// <param name="Interface">The interface index it is bound to, or 0.</param>
/// <param name="Waiting">Connections in the queue (idiag_rqueue).</param>
/// <param name="Backlog">What listen() asked for, cut to somaxconn (idiag_wqueue).</param>
public readonly record struct Listener(SocketAddress Address, ushort Port, uint Interface, uint Waiting, uint Backlog)
{
    /// <summary>
    /// How many connections it can hold: one more than the backlog, for sk_acceptq_is_full() is "sk_ack_backlog &gt;
    /// sk_max_ack_backlog". When as many wait, the next SYN is dropped.
    /// </summary>
    public long Capacity => Backlog + 1L;

    internal bool IsSameListener(in Listener other) =>
        Port == other.Port && Interface == other.Interface && Address == other.Address;

    /// <summary>
    /// Whether it is shown before another: fuller, or with more waiting; equals in the order of their addresses.
    /// </summary>
    internal bool ComesBefore(in Listener other)
    {
        var order = ((double)other.Waiting / other.Capacity).CompareTo((double)Waiting / Capacity);
        if (order == 0)
            order = other.Waiting.CompareTo(Waiting);
        if (order == 0)
            order = Address.CompareTo(other.Address);
        if (order == 0)
            order = Port.CompareTo(other.Port);
        return (order == 0 ? Interface.CompareTo(other.Interface) : order) < 0;
    }
}
