using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Demo;

/// <summary>A trouble of the demonstration: how it begins. All that it opens is closed when it ends.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Words">The trouble as a sentence without its full stop.</param>
/// <param name="Begin">Brings it about.</param>
sealed record DemoTrouble(string Name, string Words, Action<DemoSockets> Begin)
{
    /// <summary>The number of ports while few are enough.</summary>
    const int Ports = 200;

    /// <summary>True where it needs time to grow, so that a trend shows.</summary>
    public bool IsSlow { get; init; }

    /// <summary>The next part of a slow trouble; nothing for others.</summary>
    public Action<DemoSockets> Continue { get; init; } = static _ => { };

    /// <summary>All troubles, in the order in which they come.</summary>
    public static ImmutableArray<DemoTrouble> All { get; } =
    [
        new("ports", "198 of 200 ports to one destination are in use", FewPorts),
        new("bind", "195 of 200 ports are bound, so that bind() finds few", BoundPorts),
        new("descriptors", "a process has opened 245 of its 250 descriptors", FewDescriptors),
        new("queue", "a listener accepts no connection, and its queue is full", FullQueue),
        new("time_wait", "connections wait in TIME_WAIT, up to their limit", FullTimeWait),
        new("leak", "a process opens connections and closes none", Leak)
        {
            IsSlow = true,
            Continue = static sockets => sockets.Connect(1),
        },
    ];

    static readonly Dictionary<string, string> Changed = [];

    /// <summary>Restores the settings that troubles changed.</summary>
    public static void Restore()
    {
        foreach (var (name, value) in Changed)
            File.WriteAllText(PathOf(name), value);
        Changed.Clear();
        OwnNamespace.LimitOpenFiles(null);
    }

    static void FewPorts(DemoSockets sockets)
    {
        Narrow();
        sockets.Connect(198);
    }

    static void BoundPorts(DemoSockets sockets)
    {
        Narrow();
        sockets.Bind(195);
    }

    static void FewDescriptors(DemoSockets sockets)
    {
        OwnNamespace.LimitOpenFiles(250);
        sockets.OpenUntil(245);
    }

    static void FullQueue(DemoSockets sockets) => sockets.FillQueue(backlog: 10);

    static void FullTimeWait(DemoSockets sockets)
    {
        Write("tcp_max_tw_buckets", "200");
        sockets.Wait(195);
    }

    static void Leak(DemoSockets sockets)
    {
        Narrow();
        sockets.Connect(20);
    }

    static void Narrow() =>
        Write("ip_local_port_range", string.Create(CultureInfo.InvariantCulture, $"40000 {40000 + Ports - 1}"));

    /// <summary>Writes a sysctl of this network namespace.</summary>
    /// <exception cref="IOException">The mount of /proc/sys is read-only, as in most containers.</exception>
    static void Write(string name, string value)
    {
        var before = File.ReadAllText(PathOf(name));
        File.WriteAllText(PathOf(name), value);
        Changed.TryAdd(name, before);
    }

    static string PathOf(string name) => $"/proc/sys/net/ipv4/{name}";
}

/// <summary>The sockets and files of a trouble. Nothing leaves the loopback interface.</summary>
sealed class DemoSockets : IDisposable
{
    readonly List<IDisposable> _open = [];
    Socket? _listener;

    /// <summary>Opens idle connections to 127.0.0.1:8443.</summary>
    public void Connect(int count)
    {
        _listener ??= Listen(8443, 512);
        for (var i = 0; i < count && TryConnect(_listener) is { } pair; i++)
        {
            _open.Add(pair.Client);
            _open.Add(pair.Server);
        }
    }

    /// <summary>Binds sockets to ports that the kernel chooses.</summary>
    public void Bind(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var socket = New();
            _open.Add(socket);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        }
    }

    /// <summary>Opens files until the process has this number of descriptors.</summary>
    public void OpenUntil(int descriptors)
    {
        var missing = descriptors - Directory.GetFiles("/proc/self/fd").Length;
        for (var i = 0; i < missing; i++)
            _open.Add(File.OpenHandle("/dev/null"));
    }

    /// <summary>Connects to a listener that accepts nothing, until its queue is full.</summary>
    public void FillQueue(int backlog)
    {
        var listener = Listen(9000, backlog);
        for (var i = 0; i < backlog + 1; i++)
        {
            var client = New();
            _open.Add(client);
            client.Blocking = false;
            try
            {
                client.Connect(listener.LocalEndPoint!);
            }
            catch (SocketException)
            {
                // In progress: the queue completes it.
            }
        }
    }

    /// <summary>Opens connections and closes them at once, so that they wait in TIME_WAIT.</summary>
    public void Wait(int count)
    {
        _listener ??= Listen(8080, 512);
        for (var i = 0; i < count && TryConnect(_listener) is { } pair; i++)
        {
            // The side that closes first waits.
            pair.Client.LingerState = new(false, 0);
            pair.Client.Shutdown(SocketShutdown.Both);
            pair.Server.LingerState = new(false, 0);
            pair.Server.Dispose();
            pair.Client.Dispose();
        }
    }

    /// <summary>Closes all without TIME_WAIT.</summary>
    public void Dispose()
    {
        foreach (var one in _open)
            one.Dispose();
        _open.Clear();
        _listener = null;
    }

    static (Socket Client, Socket Server)? TryConnect(Socket listener)
    {
        var client = New();
        try
        {
            client.Connect(listener.LocalEndPoint!);
            var server = listener.Accept();
            server.LingerState = new(true, 0);
            return (client, server);
        }
        catch (SocketException)
        {
            // No port is left, which is the trouble.
            client.Dispose();
            return null;
        }
    }

    Socket Listen(int port, int backlog)
    {
        var listener = New();
        _open.Add(listener);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(backlog);
        return listener;
    }

    /// <summary>Makes a socket that leaves nothing behind when it is closed.</summary>
    static Socket New()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.LingerState = new(true, 0);
        return socket;
    }
}
