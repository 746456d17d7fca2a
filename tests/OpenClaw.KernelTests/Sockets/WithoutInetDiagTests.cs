using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using CsCheck;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>Without inet_diag, the sockets are those of /proc/net/tcp, tcp6, udp and udp6.</summary>
public class WithoutInetDiagTests
{
    const int Ports = 100;
    const int Mixes = 40;

    static readonly IPEndPoint Destination = new(IPAddress.Loopback, 8080);

    [Theory]
    [InlineData(Absence.NotPresent)]
    [InlineData(Absence.NotPermitted)]
    public void Exhausted_ports_are_critical(Absence reason)
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40099");
        using var listener = Listen(netns, Destination);
        using var exhaustion = netns.Run(static () => new PortExhaustion(Destination));
        Assert.Equal(Ports, exhaustion.Connections);

        var diagnosis = Diagnose(netns, reason);

        Assert.Equal(PoolCondition.Critical, diagnosis.Condition);
        var worst = diagnosis.Findings[0];
        Assert.Equal("ephemeral_connect_ports", worst.Pool.Name);
        Assert.Equal(["tcp", "127.0.0.1", $"{Destination}"], worst.Level.Labels);
        Assert.Equal((Ports, Ports), (worst.Level.Used, worst.Level.Limit));
        Assert.Equal([0], Values(diagnosis, "ephemeral_ports_exact"));
        Assert.Equal([Ports], Values(diagnosis, "accept_queue_connections"));
        Assert.Empty(Values(diagnosis, "accept_queue_connections_limit"));
    }

    [Fact]
    public void A_quiet_machine_is_unknown_because_backlogs_are_not_shown()
    {
        using var netns = new PrivateNamespace();
        using var listener = Listen(netns, Destination);

        var diagnosis = Diagnose(netns, Absence.NotPresent);

        Assert.Equal(PoolCondition.Unknown, diagnosis.Condition);
        Assert.Equal(3, ExitCodes.ForCondition(diagnosis.Condition));
        var unread = Assert.Single(diagnosis.Pools, static pool => pool.Unread is not null);
        Assert.Equal("accept_queue_connections", unread.Pool.Name);
        Assert.Contains("backlog", unread.Unread!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Listeners_have_the_queues_of_the_dump()
    {
        using var netns = new PrivateNamespace();
        var open = new List<Socket>();
        foreach (
            var (address, port, waiting) in new[]
            {
                ("127.0.0.1", 8080, 3),
                ("::1", 8081, 5),
                ("0.0.0.0", 8082, 0),
                ("::", 8083, 1),
            }
        )
        {
            var endpoint = new IPEndPoint(IPAddress.Parse(address), port);
            open.Add(Listen(netns, endpoint));
            for (var i = 0; i < waiting; i++)
            {
                var client = netns.Run(() => new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
                client.Connect(endpoint);
                open.Add(client);
            }
        }

        var dump = netns.Read<TcpSockets>(KernelSampling.WithoutPrograms()).Value;
        var files = netns.Read<TcpSockets>(KernelSampling.WithoutInetDiag()).Value;

        Assert.Equal(4, files.Listeners.Length);
        Assert.Equal(
            dump.Listeners.OrderByDescending(static queue => queue.Waiting)
                .Select(static queue => queue with { Backlog = null }),
            files.Listeners
        );
        open.ForEach(static socket => socket.Dispose());
    }

    /// <summary>Random states of a namespace, without sockets that are only bound.</summary>
    [Fact]
    public void Ports_are_those_of_the_dump() =>
        PortMix
            .Any.Select(static mix =>
                mix with
                {
                    Acts = [.. mix.Acts.Where(static act => act.Kind != PortActKind.Bind)],
                }
            )
            .Sample(
                static mix =>
                {
                    using var netns = new PrivateNamespace();
                    netns.Run(() =>
                    {
                        using var trial = new PortTrial(mix, KernelSampling.WithoutPrograms(), knowsBinds: false);
                        var (dump, files) = (
                            Sockets(KernelSampling.WithoutPrograms()),
                            Sockets(KernelSampling.WithoutInetDiag())
                        );
                        Assert.Equal(dump.Tcp.States, files.Tcp.States);
                        Assert.Equal(
                            dump.Tcp.Ports.Value.Connect.Select(static use => use with { IsExact = false }),
                            files.Tcp.Ports.Value.Connect.Select(static use => use with { IsExact = false })
                        );
                        Assert.Equal(dump.Tcp.Ports.Value.ListeningPorts, files.Tcp.Ports.Value.ListeningPorts);
                        Assert.False(files.Tcp.Ports.Value.IsExact);

                        // Files do not show which IPv6 sockets take IPv4 ports too.
                        Assert.Equal(dump.Udp.Count, files.Udp.Count);
                        Assert.All(dump.Udp.Ports.Value.Bind.Zip(files.Udp.Ports.Value.Bind).Take(2), static use =>
                            Assert.InRange(use.Second.Used, 0, use.First.Used)
                        );
                    });
                },
                iter: Mixes,
                threads: 1
            );

    [Fact]
    public void Sockets_that_are_only_bound_are_not_shown_and_the_ports_not_exact()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40009");
        var bound = new List<RawSocket>();
        for (var i = 0; i < 10; i++)
        {
            bound.Add(netns.Run(static () => RawSocket.Open(SocketType.Stream, isIPv6: false)));
            Assert.Equal(0, bound[i].Bind(IPAddress.Loopback, 0));
        }

        var ports = netns.Read<TcpSockets>(KernelSampling.WithoutInetDiag()).Value.Ports.Value;

        Assert.All(ports.Connect, static use => Assert.Equal((0, false), (use.Used, use.IsExact)));
        Assert.All(ports.Bind, static use => Assert.Equal((0, false), (use.Used, use.IsExact)));
        Assert.Equal(10, netns.Read<TcpSockets>(KernelSampling.WithoutPrograms()).Value.Ports.Value.Connect[0].Used);
        bound.ForEach(static socket => socket.Dispose());
    }

    static (TcpSockets Tcp, UdpSockets Udp) Sockets(ImmutableArray<Reader> readers)
    {
        var snapshot = KernelSampling.SnapshotOf(readers, "ephemeral_port_settings", "tcp_sockets", "udp_sockets");
        return (snapshot.Get<TcpSockets>().Value, snapshot.Get<UdpSockets>().Value);
    }

    static Diagnosis Diagnose(PrivateNamespace netns, Absence reason) =>
        Diagnosis.Judge(
            netns.Run(() =>
                KernelSampling.SnapshotOf(
                    KernelSampling.WithoutInetDiag(reason),
                    "ephemeral_port_settings",
                    "tcp_sockets",
                    "udp_sockets"
                )
            )
        );

    static double[] Values(Diagnosis diagnosis, string metric) =>
        [
            .. MetricCatalogue
                .All.Single(family => family.Name == "openclaw_network_" + metric)
                .Read(diagnosis)
                .Select(static sample => sample.Value),
        ];

    static Socket Listen(PrivateNamespace netns, IPEndPoint endpoint) =>
        netns.Run(() =>
        {
            var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(endpoint);
            listener.Listen(2 * Ports);
            return listener;
        });
}
