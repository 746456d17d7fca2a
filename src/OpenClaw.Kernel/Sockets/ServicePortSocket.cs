using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;

namespace OpenClaw.Kernel.Sockets;

/// <summary>A TCP socket whose local port belongs to a known service.</summary>
/// <param name="Port">The local port.</param>
/// <param name="State">The state; <see cref="TcpState.Close"/> for a socket that is only bound.</param>
/// <param name="Address">The local address.</param>
/// <param name="Peer">The other end; port 0 for a listener and for a socket that is only bound.</param>
/// <param name="Inode">The inode of the socket; 0 where no process has it, as in TIME_WAIT.</param>
public sealed record ServicePortSocket(
    ushort Port,
    TcpState State,
    SocketAddress Address,
    Destination Peer,
    ulong Inode
);
