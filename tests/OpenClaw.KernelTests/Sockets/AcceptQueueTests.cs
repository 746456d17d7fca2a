using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;

namespace OpenClaw.KernelTests;

public class AcceptQueueTests
{
    const int Port = 8080;

    static readonly Pool Queue = PoolCatalogue.AcceptQueueConnections;

    /// <summary>
    /// The wait for an answer over loopback: shorter than the second after which the kernel retransmits a SYN.
    /// </summary>
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    /// <summary>With 0 free the next connect() gets no answer; with 1 free it does.</summary>
    [Theory]
    [InlineData("127.0.0.1", 0, 1)]
    [InlineData("127.0.0.1", 1, 2)]
    [InlineData("::1", 5, 6)]
    [InlineData("127.0.0.1", 4096, 8)]
    [Provokes("accept_queue_connections", "listen_drops_total")]
    public void A_full_queue_drops_the_next_connection_and_no_earlier_one(string address, int backlog, int capacity)
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.core.somaxconn", "7");
        var endpoint = new IPEndPoint(IPAddress.Parse(address), Port);
        using var listener = netns.Run(() =>
        {
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(endpoint);
            socket.Listen(backlog);
            return socket;
        });
        var clients = new List<Socket>();

        for (var waiting = 0; waiting < capacity; waiting++)
        {
            var level = Level(netns, endpoint);
            Assert.Equal((waiting, capacity), (level.Used, level.Limit));
            Assert.True(Connects(), $"{waiting} of {capacity} wait, but the next connection was not taken");
        }

        Assert.Equal(1, Level(netns, endpoint).Utilization);
        var drops = Drops(netns);
        Assert.False(Connects());
        Assert.Equal(drops + 1, Drops(netns));

        listener.Accept().Dispose();
        Assert.Equal(capacity - 1, Level(netns, endpoint).Used);
        Assert.True(Connects());
        clients.ForEach(static client => client.Dispose());

        bool Connects()
        {
            var client = netns.Run(() =>
                new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false }
            );
            clients.Add(client);
            Assert.Throws<SocketException>(() => client.Connect(endpoint));
            return client.Poll(Patience, SelectMode.SelectWrite);
        }
    }

    /// <summary>
    /// The kernel chooses a listener by the connection, so the stuck one gets as many as the others.
    /// </summary>
    [Fact]
    public void A_stuck_listener_among_others_on_its_port_is_told_apart()
    {
        const int listeners = 4;
        const int backlog = 10;
        using var netns = new PrivateNamespace();
        var sockets = netns.Run(static () =>
            Enumerable.Range(0, listeners).Select(static _ => SharedListener(backlog)).ToArray()
        );
        var clients = new List<Socket>();

        // Three are accepted from at once, until the queue of the first is full.
        while (true)
        {
            var finding = Assert.Single(Judge().Findings, static finding => finding.Pool == Queue);
            if (finding.IsExhausted)
                break;
            Assert.True(clients.Count < 1000, "the queue does not fill");
            clients.Add(
                netns.Run(static () =>
                {
                    var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    client.Connect(IPAddress.Loopback, Port);
                    return client;
                })
            );
            foreach (var listener in sockets.Skip(1))
            {
                if (listener.Poll(0, SelectMode.SelectRead))
                    clients.Add(listener.Accept());
            }
        }

        var diagnosis = Judge();
        using var text = new StringWriter();
        new DiagnosisPrinter(text, inColour: false).PrintDiagnosis(diagnosis);
        var words = $"1 of 4 listeners on 0.0.0.0:{Port}";
        Assert.Contains("11 of 11", text.ToString(), StringComparison.Ordinal);
        Assert.Contains(words, text.ToString(), StringComparison.Ordinal);
        Assert.Contains(words, new StatusPage(diagnosis).Render(), StringComparison.Ordinal);
        clients.ForEach(static client => client.Dispose());
        Array.ForEach(sockets, static socket => socket.Dispose());

        Diagnosis Judge() => Diagnosis.Judge(netns.Run(static () => KernelSampling.SnapshotOf("tcp_sockets")));
    }

    static Socket SharedListener(int backlog)
    {
        const int SOL_SOCKET = 1,
            SO_REUSEPORT = 15;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetRawSocketOption(SOL_SOCKET, SO_REUSEPORT, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(IPAddress.Any, Port));
        socket.Listen(backlog);
        return socket;
    }

    [Fact]
    public void The_fullest_of_a_thousand_listeners_are_shown()
    {
        using var netns = new PrivateNamespace();
        var sockets = new List<Socket>();
        netns.Run(() =>
        {
            for (var port = 1000; port < 2100; port++)
            {
                var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(listener);
                listener.Bind(new IPEndPoint(IPAddress.Any, port));
                listener.Listen(3);
            }

            foreach (var (port, connections) in new[] { (1099, 1), (1500, 3), (2001, 2) })
            {
                for (var i = 0; i < connections; i++)
                {
                    var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    sockets.Add(client);
                    client.Connect(IPAddress.Loopback, port);
                }
            }
        });

        var levels = Queue.Read(netns.SnapshotOf("tcp_sockets").Own).Value;

        Assert.Equal(5, levels.Length);
        Assert.Equal(
            ["0.0.0.0:1500", "0.0.0.0:2001", "0.0.0.0:1099", "0.0.0.0:1000"],
            levels.Take(4).Select(static level => level.Subject)
        );
        Assert.Equal([0.75, 0.5, 0.25, 0], levels.Take(4).Select(static level => level.Utilization!.Value));
        sockets.ForEach(static socket => socket.Dispose());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_listener_on_one_interface_has_the_name_that_ss_gives_it(string address)
    {
        const int SOL_SOCKET = 1,
            SO_BINDTODEVICE = 25;
        using var netns = new PrivateNamespace();
        var endpoint = new IPEndPoint(IPAddress.Parse(address), Port);
        using var listener = netns.Run(() => new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        listener.SetRawSocketOption(SOL_SOCKET, SO_BINDTODEVICE, "lo\0"u8);
        listener.Bind(endpoint);
        listener.Listen(1);

        var shown = netns.Command("ss", "-H", "-ltn").Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        Assert.Contains("%lo", shown, StringComparison.Ordinal);
        Assert.Equal(
            [shown],
            Queue
                .Read(netns.SnapshotOf("tcp_sockets", "network_interfaces").Own)
                .Value.Select(static level => level.Subject)
        );
    }

    static PoolLevel Level(PrivateNamespace netns, IPEndPoint endpoint) =>
        Assert.Single(Queue.Read(netns.SnapshotOf("tcp_sockets").Own).Value, level =>
            level.Subject == endpoint.ToString()
        );

    /// <summary>
    /// The connections that the namespace's listeners dropped: ListenDrops of /proc/net/netstat, found by name.
    /// </summary>
    static long Drops(PrivateNamespace netns)
    {
        var lines = netns.Run(static () => File.ReadAllLines("/proc/thread-self/net/netstat"));
        var values = lines[1].Split(' ');
        return long.Parse(
            values[Array.IndexOf(lines[0].Split(' '), "ListenDrops")],
            System.Globalization.CultureInfo.InvariantCulture
        );
    }
}
