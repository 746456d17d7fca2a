using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.Catalogue;

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

    [Fact]
    public void Of_a_thousand_listeners_the_fullest_are_shown()
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
