using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The TCP sockets of one cgroup in the states in which a process still holds them. Of the others inet_diag names no
/// cgroup (TIME_WAIT), or nobody holds them any more.
/// </summary>
/// <param name="Id">The id of the cgroup, which is the inode of its directory; 0 where the kernel does not say.</param>
public record struct CgroupSockets(ulong Id)
{
    /// <summary>In ESTABLISHED; one that was not accepted yet belongs to its listener's cgroup.</summary>
    public long Established { get; internal set; }

    /// <summary>In SYN_SENT.</summary>
    public long SynSent { get; internal set; }

    /// <summary>In CLOSE_WAIT: the peer is gone, but the process has not closed.</summary>
    public long CloseWait { get; internal set; }

    /// <summary>In LISTEN.</summary>
    public long Listen { get; internal set; }

    /// <summary>All of them.</summary>
    public readonly long Total => Established + SynSent + CloseWait + Listen;

    /// <summary>Whether sockets in this state are counted.</summary>
    internal static bool Counts(TcpState state) =>
        state is TcpState.Established or TcpState.SynSent or TcpState.CloseWait or TcpState.Listen;

    internal void Add(TcpState state)
    {
        switch (state)
        {
            case TcpState.Established:
                Established++;
                break;
            case TcpState.SynSent:
                SynSent++;
                break;
            case TcpState.CloseWait:
                CloseWait++;
                break;
            case TcpState.Listen:
                Listen++;
                break;
        }
    }
}
