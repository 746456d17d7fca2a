using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>
/// Every ephemeral port to one destination, taken by plain connects on the calling thread's namespace.
/// </summary>
sealed class PortExhaustion : IDisposable
{
    readonly List<Socket> _connections = [];

    /// <summary>Connects until the kernel has no port for one more.</summary>
    public PortExhaustion(IPEndPoint destination)
    {
        while (true)
        {
            var socket = new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _connections.Add(socket);
            try
            {
                socket.Connect(destination);
                Connections++;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressNotAvailable)
            {
                return;
            }
            catch
            {
                Dispose();
                throw;
            }
        }
    }

    /// <summary>How many connects succeeded.</summary>
    public int Connections { get; }

    /// <summary>Frees the ports at once: an orderly close would keep each for a minute of TIME_WAIT.</summary>
    public void Dispose()
    {
        foreach (var socket in _connections)
        {
            socket.LingerState = new(true, 0);
            socket.Dispose();
        }

        _connections.Clear();
    }
}
