using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The TCP sockets of one cgroup, in the states in which a process still holds them. In other states, inet_diag names
/// no cgroup (TIME_WAIT) or no process holds the socket any more.
/// </summary>
/// <param name="Id">The id of the cgroup, which is the inode of its directory; 0 where the kernel does not report
/// it.</param>
public record struct CgroupSockets(ulong Id)
{
    /// <summary>
    /// The number in ESTABLISHED. A connection that is not yet accepted belongs to its listener's cgroup.
    /// </summary>
    public long Established { get; internal set; }

    /// <summary>The number in SYN_SENT.</summary>
    public long SynSent { get; internal set; }

    /// <summary>The number in CLOSE_WAIT: the peer has closed, but the process has not.</summary>
    public long CloseWait { get; internal set; }

    /// <summary>The number in LISTEN.</summary>
    public long Listen { get; internal set; }

    /// <summary>The number of sockets in all of these states.</summary>
    public readonly long Total => Established + SynSent + CloseWait + Listen;

    /// <summary>Returns true where sockets in this state are counted.</summary>
    internal static bool Counts(TcpState state) =>
        state is TcpState.Established or TcpState.SynSent or TcpState.CloseWait or TcpState.Listen;

    internal void Add(TcpState state, long sockets)
    {
        switch (state)
        {
            case TcpState.Established:
                Established += sockets;
                break;
            case TcpState.SynSent:
                SynSent += sockets;
                break;
            case TcpState.CloseWait:
                CloseWait += sockets;
                break;
            case TcpState.Listen:
                Listen += sockets;
                break;
        }
    }
}
