using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>Established connections of one process with itself.</summary>
sealed class ConnectionPairs : IDisposable
{
    readonly PrivateNamespace _netns;
    readonly int _port;
    readonly Socket _listener;
    readonly List<Socket> _servers = [];

    public ConnectionPairs(PrivateNamespace netns, int port)
    {
        (_netns, _port) = (netns, port);
        _listener = Open();
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(100);
    }

    public List<Socket> Clients { get; } = [];

    public void Connect()
    {
        var client = Open();
        client.Connect(IPAddress.Loopback, _port);
        Clients.Add(client);
        _servers.Add(_listener.Accept());
    }

    /// <summary>Opens a connection and closes the client end first, which leaves it in TIME_WAIT.</summary>
    public void ConnectAndClose()
    {
        using var client = Open();
        client.Connect(IPAddress.Loopback, _port);
        using var server = _listener.Accept();
        client.Close();
    }

    public void Dispose()
    {
        foreach (var socket in Clients.Concat(_servers).Append(_listener))
            socket.Dispose();
    }

    Socket Open() =>
        _netns.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
}
