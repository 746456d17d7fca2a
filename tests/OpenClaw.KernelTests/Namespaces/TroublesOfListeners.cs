using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>Troubles of TCP sockets that listen.</summary>
static class TroublesOfListeners
{
    /// <summary>The backlog of the listener that does not accept.</summary>
    public const int Backlog = 3;

    /// <summary>The limit on sockets in TIME_WAIT.</summary>
    public const int Buckets = 10;

    /// <summary>Fills an accept queue; then sends SYNs that the kernel drops and that are repeated.</summary>
    public static Action FillQueue(PrivateNamespace netns)
    {
        const int waiting = 60;
        var listener = netns.Run(static () => Listening(9000, Backlog));
        netns.Attach(listener);
        for (var i = 0; i <= Backlog; i++)
        {
            var queued = netns.Run(Open);
            netns.Attach(queued);
            queued.Connect(IPAddress.Loopback, 9000);
        }

        // A SYN is repeated after a second, for as long as its socket is open.
        var clients = new Queue<Socket>();
        return () =>
        {
            clients.Enqueue(Try(9000));
            if (clients.Count > waiting)
                clients.Dequeue().Dispose();
        };
    }

    /// <summary>Listens at the Gateway's port, which the kernel may give to a connection.</summary>
    public static Action ListenInRange(PrivateNamespace netns)
    {
        netns.Sysctl(PortRange, WideRange);
        netns.Attach(netns.Run(static () => Listening(Gateway, Backlog)));
        return static () => { };
    }

    /// <summary>Connects until the kernel has given the Gateway's port to a connection.</summary>
    public static Action TakePort(PrivateNamespace netns)
    {
        netns.Sysctl(PortRange, $"{Gateway} {Gateway + 1}");
        netns.Attach(netns.Run(static () => Listening(Destination, Backlog)));
        for (var port = 0; port != Gateway; )
        {
            var socket = netns.Run(Open);
            netns.Attach(socket);
            socket.Connect(IPAddress.Loopback, Destination);
            port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        }

        netns.Sysctl(PortRange, WideRange);
        return static () => { };
    }

    const int Gateway = 18789;
    const int Destination = 443;
    const string PortRange = "net.ipv4.ip_local_port_range";
    const string WideRange = "1025 65000";

    /// <summary>Opens and closes connections, more than there may be in TIME_WAIT.</summary>
    public static Action EndConnections(PrivateNamespace netns)
    {
        netns.Sysctl("net.ipv4.tcp_max_tw_buckets", Buckets.ToString(CultureInfo.InvariantCulture));
        var listener = netns.Run(static () => Listening(9000, 100));
        netns.Attach(listener);
        for (var i = 0; i < Buckets; i++)
            netns.Run(End);
        return End;

        void End()
        {
            using var client = Open();
            client.Connect(IPAddress.Loopback, 9000);
            using var server = listener.Accept();
            client.Close();
        }
    }

    /// <summary>Fills a queue of half-open connections.</summary>
    public static Action Flood(PrivateNamespace netns, int cookies)
    {
        netns.Sysctl("net.ipv4.tcp_syncookies", cookies.ToString(CultureInfo.InvariantCulture));
        var listener = netns.SendSyns("127.0.0.1", backlog: 4, count: 11);
        netns.Attach(listener);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        return () => Try(port).Dispose();
    }

    static Socket Open() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    static Socket Listening(int port, int backlog)
    {
        var listener = Open();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(backlog);
        return listener;
    }

    /// <summary>Begins to connect.</summary>
    static Socket Try(int port)
    {
        var client = Open();
        client.Blocking = false;
        Assert.Throws<SocketException>(() => client.Connect(IPAddress.Loopback, port));
        return client;
    }
}
