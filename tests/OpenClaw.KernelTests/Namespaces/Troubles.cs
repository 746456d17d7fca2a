using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using static OpenClaw.KernelTests.TrackedPeers;

namespace OpenClaw.KernelTests;

/// <summary>
/// The troubles of network namespaces. Together they provoke every pool and symptom that a namespace has for itself.
/// Troubles that cannot be provoked in a namespace are in <see cref="NotHere"/>.
/// </summary>
static class Troubles
{
    const int Range = 200;

    /// <summary>The pools and symptoms of a namespace that no trouble provokes, with the reason.</summary>
    public static ImmutableDictionary<string, string> NotHere { get; } =
        new Dictionary<string, string>
        {
            ["tcp_memory_pressures_total"] = Unprovoked.ReasonFor("tcp_memory_pressures_total"),
            ["conntrack_chain_too_long_total"] = Unprovoked.ReasonFor("conntrack_chain_too_long_total"),
            ["tcp_aborts_on_memory_total"] =
                "it takes a quarter of tcp_max_orphans, which is the machine's; OrphanTests provokes it alone",
            ["qdisc_backlog_bytes"] = "it is an amount, not a failure, so that no diagnosis shows it",
            ["probe_success"] = Probe,
            ["probe_duration_seconds"] = Probe,
            ["probe_errors_total"] = Probe,
        }.ToImmutableDictionary();

    const string Probe = "the probe runs in the exporter's own namespace only";

    /// <summary>All troubles. Each has a network namespace of its own.</summary>
    public static ImmutableArray<Trouble> All { get; } =
    [
        new("nothing", "ok", [], [], static _ => static () => { }),
        new("a bridge that fills", "warning", [new("bridge_ports", 840, "close")], [], static at =>
            FillBridge(at.Netns)
        ),
        new(
            "sockets that are only bound, and descriptors",
            "critical",
            [new("ephemeral_bind_ports", Range, "failing"), new("process_file_descriptors", 77, "failing")],
            [],
            BindAll
        ),
        new(
            "connections to one destination",
            "critical",
            [new("ephemeral_connect_ports", Range - 2, "close")],
            [],
            static at => Connect(at.Netns)
        ),
        new(
            "connections that find no port",
            "critical",
            [new("ephemeral_connect_ports", Range, "failing")],
            ["refused_connects_total"],
            RefuseConnects
        ),
        new(
            "a listener that does not accept",
            "critical",
            [new("accept_queue_connections", TroublesOfListeners.Backlog + 1, "failing")],
            ["listen_overflows_total", "listen_drops_total", "syn_retransmits_total"],
            static at => TroublesOfListeners.FillQueue(at.Netns)
        ),
        new(
            "connections that end at once",
            "critical",
            [new("time_wait_sockets", TroublesOfListeners.Buckets, "failing")],
            ["time_wait_overflows_total"],
            static at => TroublesOfListeners.EndConnections(at.Netns)
        ),
        new(
            "a daemon near its limit",
            "warning",
            [new("daemon_connections", TroublesOfServices.Connections, "close")],
            [],
            TroublesOfServices.FillDaemon
        ),
        new("a Gateway whose port may be given away", "warning", [], ["service_port_unreserved"], static at =>
            TroublesOfListeners.ListenInRange(at.Netns)
        ),
        new("a connection at the Gateway's port", "warning", [], ["service_port_taken"], static at =>
            TroublesOfListeners.TakePort(at.Netns)
        ),
        new("half-open connections with cookies", "warning", [], ["syn_cookies_sent_total"], static at =>
            TroublesOfListeners.Flood(at.Netns, cookies: 1)
        ),
        new(
            "half-open connections without cookies",
            "warning",
            [],
            ["request_queue_full_drops_total", "listen_drops_total"],
            static at => TroublesOfListeners.Flood(at.Netns, cookies: 0)
        ),
        new("datagrams that nobody reads", "warning", [], ["udp_receive_buffer_errors_total"], static at =>
            TroublesOfLinks.FillReceiveBuffer(at.Netns)
        ),
        new(
            "an interface with a low limit",
            "warning",
            [],
            ["qdisc_drops_total", "qdisc_overlimits_total", "udp_send_buffer_errors_total"],
            static at => TroublesOfLinks.FillTrafficQueue(at.Netns)
        ),
        new("packets above the MTU", "warning", [], ["interface_drops_total"], static at =>
            TroublesOfLinks.ExceedMtu(at.Netns)
        ),
        new(
            "packets of one TCP connection at once",
            "critical",
            [],
            ["conntrack_drops_total", "conntrack_insert_failures_total"],
            static at => Clash(at.Netns, "tcp", ClashingPackets.Syn)
        ),
        new(
            "address translation without a free source port",
            "critical",
            [new("snat_ports", TranslatedPeers.Ports, "failing")],
            ["conntrack_drops_total", "conntrack_insert_failures_total"],
            static at => TranslatedPeers.Exhaust(at.Netns)
        ),
        new("packets of one UDP connection at once", "ok", [], ["conntrack_clashes_total"], static at =>
            Clash(at.Netns, "udp", ClashingPackets.Datagram)
        ),
        new(
            "a full connection tracking table of entries without an answer",
            "critical",
            [],
            ["conntrack_early_drops_total"],
            static at => FillTable(at.Netns, forGood: false)
        )
        {
            IsSteady = false,
        },
        new(
            "a full connection tracking table",
            "critical",
            [new("conntrack_entries", null, "failing")],
            ["conntrack_drops_total"],
            static at => FillTable(at.Netns, forGood: true)
        ),
    ];

    /// <summary>The TCP sockets that are only bound show in no count of the kernel.</summary>
    static Action BindAll(TroubledNamespace at)
    {
        var netns = at.Netns;
        const string fill =
            "use POSIX; POSIX::close($_) for 3..1023; "
            + "while (open(my $f, '<', '/dev/null')) { push @held, $f } $| = 1; print \"full\\n\"; sleep 600";
        Narrow(netns);
        netns.Run(() =>
        {
            foreach (var type in (SocketType[])[SocketType.Stream, SocketType.Dgram])
            {
                for (var i = 0; i < Range; i++)
                    netns.Attach(Bound(type));
            }
        });
        var full = netns.Start(
            new(at.Beside[0], [.. at.Beside.Skip(1), "bash", "-c", "ulimit -n 77; exec perl -e \"$0\"", fill])
            {
                RedirectStandardOutput = true,
            }
        );
        Assert.Equal("full", full.StandardOutput.ReadLine());
        return static () => { };
    }

    static Action Connect(PrivateNamespace netns)
    {
        Narrow(netns);
        var pairs = new ConnectionPairs(netns, 9000);
        netns.Attach(pairs);
        for (var i = 0; i < Range - 2; i++)
            pairs.Connect();
        return static () => { };
    }

    /// <summary>The process has the same name in every pid namespace.</summary>
    static Action RefuseConnects(TroubledNamespace at)
    {
        const string connect =
            "use Socket; while (1) { socket(my $s, AF_INET, SOCK_STREAM, 0) or die; "
            + "connect($s, pack_sockaddr_in(9000, INADDR_LOOPBACK)) and die; select(undef, undef, undef, 0.04) }";
        var netns = at.Netns;
        Narrow(netns);
        var pairs = new ConnectionPairs(netns, 9000);
        netns.Attach(pairs);
        for (var i = 0; i < Range; i++)
            pairs.Connect();
        _ = netns.Start(new(at.Beside[0], [.. at.Beside.Skip(1), "perl", "-e", connect]));
        return static () => { };
    }

    static Action FillBridge(PrivateNamespace netns)
    {
        const int pairs = 420;

        // It has no socket: the number of its interfaces shows that it is in use.
        netns.Batch([
            "link add br0 type bridge",
            .. Enumerable.Range(0, pairs).Select(static i => $"link add a{i} type veth peer name b{i}"),
        ]);
        netns.Batch(
            Enumerable
                .Range(0, pairs)
                .SelectMany(static i => new[] { $"link set a{i} master br0", $"link set b{i} master br0" })
        );
        return static () => { };
    }

    static Action Clash(PrivateNamespace netns, string protocol, Func<ushort, byte[]> packet)
    {
        const int packets = 4;
        Track(netns);
        var queue = new PacketQueue(netns, protocol);
        netns.Attach(queue);
        ushort port = 4000;
        var released = 0;
        return () =>
        {
            ClashingPackets.Send(packet(port++), packets);
            queue.Release(released += packets);
        };
    }

    /// <summary>The entries last longer than the test.</summary>
    static Action FillTable(PrivateNamespace netns, bool forGood)
    {
        const int beyond = 20;
        var maximum = Maximum();
        Track(netns);
        netns.Sysctl("net.netfilter.nf_conntrack_udp_timeout", "600");
        netns.Sysctl("net.netfilter.nf_conntrack_udp_timeout_stream", "600");
        if (forGood)
            FillForGood(netns, maximum);
        else
            netns.Run(() => SendToPeers(0, maximum));
        return () => SendToPeers(maximum, beyond);
    }

    static void Narrow(PrivateNamespace netns) =>
        netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Range - 1}");

    static Socket Bound(SocketType type)
    {
        var socket = new Socket(
            AddressFamily.InterNetwork,
            type,
            type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp
        );
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
