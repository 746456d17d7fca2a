using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// No process holds entries of connection tracking. Their ends are named, and the namespaces with those addresses.
/// </summary>
public class ConntrackHolderTests
{
    const int Remote = 7000;

    /// <summary>A bystander has more connections, but to remotes whose ports are not translated.</summary>
    [Fact]
    public void The_source_of_most_translated_connections_is_named()
    {
        using var netns = new PrivateNamespace();
        TranslatedPeers.Translate(netns, "udp", $"{Remote}");
        netns.Sysctl("net.netfilter.nf_conntrack_udp_timeout", "600");
        Send(netns, "127.0.1.1", "127.0.0.1", Remote, 15);
        Send(netns, "127.0.1.2", "127.0.0.1", Remote, 5);
        Send(netns, "127.0.1.3", "127.0.0.1", Remote + 1, 40);
        Send(netns, "127.0.1.2", "127.0.0.1", Remote, 3);

        var snapshot = netns.SnapshotOf("conntrack", "conntrack_failures", "tracked_connections");

        var level = Assert.Single(PoolCatalogue.SourcePorts.Read(snapshot.Own).Value, static level =>
            level is { Used: 20, Limit: 20 }
        );
        Assert.Equal(
            [
                ("connections from 127.0.1.1 (this machine itself)", 15),
                ("connections from 127.0.1.2 (this machine itself)", 5),
            ],
            PoolCatalogue
                .SourcePorts.HoldersOf(snapshot.Own, level)
                .Worst.Select(static holder => (holder.Name, (int)holder.Count))
        );
        var tracked = snapshot.Get<TrackedConnections>().Value;
        Assert.Equal(60, tracked.Entries);
        Assert.Equal(
            [("127.0.1.3", 40L), ("127.0.1.1", 15L), ("127.0.1.2", 5L)],
            tracked.Sources.Select(static source => (source.Address.ToString(), source.Entries))
        );
        Assert.Equal(
            [(Remote + 1, 40L), (Remote, 20L)],
            tracked.Destinations.Select(static end => (end.Port, end.Entries))
        );
        Assert.Equal([("UNREPLIED", 60L)], tracked.States.Select(static state => (state.Name, state.Entries)));
    }

    /// <summary>The kernel's own states: a handshake that is done, and a SYN that nobody answers.</summary>
    [Fact]
    public void States_are_those_of_the_kernel()
    {
        using var netns = new PrivateNamespace();
        netns.Run(TranslatedPeers.Exhaust(netns));
        using var listener = netns.Run(static () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, Remote + 5));
            socket.Listen(16);
            return socket;
        });
        netns.Command("nft", "add table inet t; add chain inet t i { type filter hook input priority 0; }");
        netns.Command("nft", $"add rule inet t i tcp dport {Remote + 6} drop");
        Connect(netns, Remote + 5, 3);
        Connect(netns, Remote + 6, 2);

        var states = netns
            .SnapshotOf("conntrack", "conntrack_failures", "tracked_connections")
            .Get<TrackedConnections>()
            .Value.States;

        Assert.Contains(states, static state => state is { Protocol: 6, Name: "ESTABLISHED", Entries: 3 });
        Assert.Contains(states, static state => state is { Protocol: 6, Name: "SYN_SENT", Entries: 2 });
    }

    /// <summary>A router translates the connections of another namespace. Its address tells whose they are.</summary>
    [Fact]
    public void The_namespace_with_the_source_address_is_named()
    {
        using var router = new PrivateNamespace();
        using var client = new PrivateNamespace();
        var inside = client.Start(new("sleep", ["600"]));
        router.MakeVeth();
        router.Batch(
            string.Create(CultureInfo.InvariantCulture, $"link set v1 netns {inside.Id}"),
            "neigh del 10.9.0.2 dev v0",
            "link add w0 type veth peer name w1",
            "link set w0 up",
            "link set w1 up",
            "addr add 10.9.1.1/24 dev w0",
            "neigh add 10.9.1.2 lladdr 02:00:00:00:00:09 dev w0"
        );
        client.Batch("link set v1 up", "addr add 10.9.0.2/24 dev v1", "route add default via 10.9.0.1");
        router.Sysctl("net.ipv4.ip_forward", "1");
        router.Sysctl("net.netfilter.nf_conntrack_udp_timeout", "600");
        var nft = InstalledProgram.Find("nft");
        router.Command(nft, "add table ip n; add chain ip n p { type nat hook postrouting priority 100; }");
        router.Command(nft, $"add rule ip n p udp dport {Remote} masquerade to :2000-2019");
        Send(client, "10.9.0.2", "10.9.1.2", Remote, 23);

        var inode = client.Run(static () => Kernel.Files.FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode);
        var readers = KernelReaders.All(new ProcMount(), new("openclaw"), worst: 10, namespaces: new($"{inode}"));
        var snapshot = router.Run(() => readers.SnapshotHere());

        var level = Assert.Single(PoolCatalogue.SourcePorts.Read(snapshot.Own).Value);
        Assert.Equal((20, 20), (level.Used, level.Limit));
        var holder = Assert.Single(PoolCatalogue.SourcePorts.HoldersOf(snapshot.Own, level).Worst);
        Assert.Equal(($"connections from 10.9.0.2 (network namespace {inode})", 20), (holder.Name, (int)holder.Count));
    }

    /// <summary>Sends a datagram from each of several sockets; those that are dropped do not count.</summary>
    static void Send(PrivateNamespace netns, string source, string remote, int port, int sockets) =>
        netns.Run(() =>
        {
            for (var i = 0; i < sockets; i++)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
                try
                {
                    socket.SendTo([0], new IPEndPoint(IPAddress.Parse(remote), port));
                }
                catch (SocketException error) when (error.SocketErrorCode == SocketError.AccessDenied)
                {
                    // EPERM: dropped.
                }
            }
        });

    static void Connect(PrivateNamespace netns, int port, int sockets) =>
        netns.Run(() =>
        {
            for (var i = 0; i < sockets; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
                {
                    Blocking = false,
                };
                netns.Attach(socket);
                _ = Assert.Throws<SocketException>(() => socket.Connect(IPAddress.Loopback, port));
            }
        });
}
