using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>Established connections of one process with itself.</summary>
sealed class ConnectionPairs : IDisposable
{
    readonly PrivateNamespace _netns;
    readonly int _port;
    readonly Socket _listener;

    public ConnectionPairs(PrivateNamespace netns, int port)
    {
        (_netns, _port) = (netns, port);
        _listener = Open();
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(100);
    }

    public List<Socket> Clients { get; } = [];

    public List<Socket> Servers { get; } = [];

    public void Connect()
    {
        var client = Open();
        client.Connect(IPAddress.Loopback, _port);
        Clients.Add(client);
        Servers.Add(_listener.Accept());
    }

    /// <summary>
    /// Closes a client with bytes that its peer does not read, so that it stays in FIN_WAIT1 without a process.
    /// </summary>
    public static void Orphan(Socket client)
    {
        client.Blocking = false;
        while (client.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectWrite))
            _ = client.Send(new byte[1 << 16], SocketFlags.None, out _);
        client.Close();
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
        foreach (var socket in Clients.Concat(Servers).Append(_listener))
            socket.Dispose();
    }

    Socket Open() =>
        _netns.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
}
