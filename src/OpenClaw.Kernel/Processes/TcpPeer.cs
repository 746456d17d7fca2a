using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Ports;

namespace OpenClaw.Kernel.Processes;

/// <summary>The other end of most TCP connections of a process.</summary>
/// <param name="Address">The address of the peer.</param>
/// <param name="Port">The port of the peer; 0 where it differs, as for the clients of a server.</param>
/// <param name="OwnPort">The port of the process itself; 0 where it differs, as for a client.</param>
/// <param name="Count">The number of connections.</param>
public sealed record TcpPeer(SocketAddress Address, int Port, int OwnPort, long Count);

/// <summary>Counts the peers of TCP sockets.</summary>
sealed class PeerFold
{
    /// <summary>The limit on peers that are told apart. The most frequent one comes early.</summary>
    const int PeersAtMost = 4096;

    readonly Dictionary<Destination, long> _servers = [];
    readonly Dictionary<Destination, long> _clients = [];

    /// <summary>Adds a socket. Listeners have no peer, and are ignored.</summary>
    public void Add(in LinuxInetDiag.inet_diag_msg socket)
    {
        if (socket.id.idiag_dport == 0)
            return;
        var address =
            socket.idiag_family == SysSocket.AF_INET
                ? SocketAddress.FromIPv4(socket.id.idiag_dst)
                : SocketAddress.FromIPv6(socket.id.idiag_dst);
        Count(_servers, new(address, BinaryPrimitives.ReverseEndianness(socket.id.idiag_dport)));
        Count(_clients, new(address, BinaryPrimitives.ReverseEndianness(socket.id.idiag_sport)));
    }

    /// <summary>
    /// Returns the peer of more than half of the sockets: a server with its port, else the address of the clients of
    /// one port. Null when there is none.
    /// </summary>
    public TcpPeer? ToPeer(long sockets)
    {
        if (_servers.Count == 0)
            return null;
        var server = _servers.MaxBy(static peer => peer.Value);
        if (2 * server.Value > sockets)
            return new(server.Key.Address, server.Key.Port, 0, server.Value);
        var client = _clients.MaxBy(static peer => peer.Value);
        return 2 * client.Value > sockets ? new(client.Key.Address, 0, client.Key.Port, client.Value) : null;
    }

    static void Count(Dictionary<Destination, long> peers, Destination peer)
    {
        if (peers.Count < PeersAtMost || peers.ContainsKey(peer))
            CollectionsMarshal.GetValueRefOrAddDefault(peers, peer, out _)++;
    }
}
