using System.Net.Sockets;
using System.Text;

namespace OpenClaw.KernelTests;

/// <summary>Connections of one client that send requests and read nothing.</summary>
sealed class Crowd : IDisposable
{
    readonly List<Socket> _sockets = [];

    public Crowd(PrivateNamespace netns, int size, string request, int count)
    {
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, count)));
        for (var i = 0; i < size; i++)
        {
            var socket = netns.Run(static () =>
                new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1024 }
            );
            socket.Connect(GuardedExporter.Endpoint);
            _sockets.Add(socket);
            try
            {
                socket.Send(bytes);
            }
            catch (SocketException)
            {
                // Refused.
            }
        }
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
    }
}
