using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>
/// Uses every ephemeral port to one destination, by plain connects in the calling thread's namespace.
/// </summary>
sealed class PortExhaustion : IDisposable
{
    readonly List<Socket> _connections = [];

    /// <summary>Connects until the kernel has no port left.</summary>
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

    /// <summary>The number of successful connects.</summary>
    public int Connections { get; }

    /// <summary>
    /// Frees the ports at once by resets: an orderly close would keep each in TIME_WAIT for a minute.
    /// </summary>
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
