namespace OpenClaw.Kernel.InetDiag;

/// <summary>TCP states with the kernel's numbers (net/tcp_states.h).</summary>
public enum TcpState
{
    /// <summary>TCP_ESTABLISHED</summary>
    Established = 1,

    /// <summary>TCP_SYN_SENT</summary>
    SynSent = 2,

    /// <summary>TCP_SYN_RECV, with request sockets that are not yet connections.</summary>
    SynRecv = 3,

    /// <summary>TCP_FIN_WAIT1</summary>
    FinWait1 = 4,

    /// <summary>TCP_FIN_WAIT2, with the small sockets that replace orphaned ones.</summary>
    FinWait2 = 5,

    /// <summary>TCP_TIME_WAIT</summary>
    TimeWait = 6,

    /// <summary>
    /// TCP_CLOSE. ss shows no socket in this state; in a dump it marks a bound socket without a connection.
    /// </summary>
    Close = 7,

    /// <summary>TCP_CLOSE_WAIT</summary>
    CloseWait = 8,

    /// <summary>TCP_LAST_ACK</summary>
    LastAck = 9,

    /// <summary>TCP_LISTEN</summary>
    Listen = 10,

    /// <summary>TCP_CLOSING</summary>
    Closing = 11,
}
