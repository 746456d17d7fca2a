using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Kernel;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>The Gateway's port lies in the ephemeral range, so that an outgoing connection may get it.</summary>
public class ServicePortTests
{
    const ushort Gateway = 18789;

    static readonly IPAddress Loopback = IPAddress.Loopback;

    /// <summary>A peer with an ephemeral port might also be the client of an accepted connection.</summary>
    [Theory]
    [InlineData(443)]
    [InlineData(8443)]
    [Provokes("service_port_taken")]
    public async Task A_connection_that_has_the_port_is_named_and_the_port_is_reserved(ushort peer)
    {
        using var netns = new PrivateNamespace();
        using var destination = Listen(netns, peer);
        using var connection = Connect(netns, peer);
        netns.Sysctl("net.ipv4.ip_local_port_range", "1025 65000");
        using (var refused = Open(netns))
            Assert.Equal(RawSocket.EADDRINUSE, refused.Bind(Loopback, Gateway));

        var problem = await ProblemAsync(netns, "service_port_taken");

        var evidence = PublishedDiagnosis.Text(problem, "evidence");
        Assert.Contains(
            $"cannot have its port {Gateway}, by the connection to 127.0.0.1:{peer}",
            evidence,
            StringComparison.Ordinal
        );
        Assert.Contains($"(pid {Environment.ProcessId})", evidence, StringComparison.Ordinal);
        Assert.Equal("clw-port-conflict", problem.GetProperty("codes")[0].GetString());
        await PublishedDiagnosis.RunAsync(netns, problem);
        connection.Abort();
        using (var gateway = Listen(netns, Gateway))
            Assert.Equal(Gateway, gateway.LocalPort);
        Assert.Null(await FindAsync(netns, "service_port_taken"));

        // The kernel gives the port to nobody any more.
        netns.Sysctl("net.ipv4.ip_local_port_range", $"{Gateway} {Gateway + 1}");
        using var first = Open(netns);
        using var second = Open(netns);
        Assert.Equal(0, first.Connect(Loopback, peer));
        Assert.Equal(Gateway + 1, first.LocalPort);
        Assert.Equal(RawSocket.EADDRNOTAVAIL, second.Connect(Loopback, peer));
    }

    [Fact]
    [Provokes("service_port_unreserved")]
    public async Task A_Gateway_whose_port_may_be_given_away_is_warned_of_before()
    {
        using var netns = new PrivateNamespace();
        using var gateway = Listen(netns, Gateway);
        Assert.Null(await FindAsync(netns, "service_port_unreserved"));
        netns.Sysctl("net.ipv4.ip_local_port_range", "1025 65000");
        netns.Sysctl("net.ipv4.ip_local_reserved_ports", "8080");

        var problem = await ProblemAsync(netns, "service_port_unreserved");

        Assert.Contains(
            $"may lose its port {Gateway}",
            PublishedDiagnosis.Text(problem, "evidence"),
            StringComparison.Ordinal
        );
        Assert.Equal(
            $"sysctl -w net.ipv4.ip_local_reserved_ports=8080,{Gateway}",
            PublishedDiagnosis.CommandOf(problem)
        );
        await PublishedDiagnosis.RunAsync(netns, problem);
        Assert.Null(await FindAsync(netns, "service_port_unreserved"));
    }

    /// <summary>A Gateway that stopped leaves connections that do not keep it from listening again.</summary>
    [Fact]
    public async Task Accepted_connections_of_a_Gateway_that_stopped_are_no_conflict()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "1025 65000");
        var gateway = Listen(netns, Gateway);
        using var client = Open(netns);
        Assert.Equal(0, client.Connect(Loopback, Gateway));
        gateway.Accept().Dispose();
        gateway.Dispose();

        Assert.Null(await FindAsync(netns, "service_port_taken"));
    }

    /// <summary>The discovery of Gateways finds their ports only after the first dump.</summary>
    [Fact]
    public void The_sockets_of_a_port_that_is_found_are_kept_from_the_next_dump_on()
    {
        using var netns = new PrivateNamespace();
        using var listener = Listen(netns, 19001);
        using var other = Listen(netns, 19002);
        var ports = new ServicePortList([Gateway]);
        var readers = KernelReaders.All(new ProcMount(), new Regex("^nothing$"), worst: 10, servicePorts: ports);

        Assert.Empty(Kept());
        ports.SetFound([19001]);
        Assert.Equal([(19001, TcpState.Listen)], Kept());
        ports.SetFound([]);
        Assert.Empty(Kept());

        IEnumerable<(int, TcpState)> Kept() =>
            netns
                .Run(() => SamplingPass.Read<TcpSockets>(readers, Deadline.After(TimeSpan.FromSeconds(10))))
                .Value.AtServicePorts.Select(static socket => ((int)socket.Port, socket.State));
    }

    /// <summary>Connects from the Gateway's port, which the kernel chooses.</summary>
    static RawSocket Connect(PrivateNamespace netns, ushort peer)
    {
        netns.Sysctl("net.ipv4.ip_local_port_range", $"{Gateway} {Gateway + 1}");
        while (true)
        {
            var socket = Open(netns);
            Assert.Equal(0, socket.Connect(Loopback, peer));
            if (socket.LocalPort == Gateway)
                return socket;
            socket.Abort();
        }
    }

    static RawSocket Listen(PrivateNamespace netns, ushort port)
    {
        var socket = Open(netns);
        Assert.Equal(0, socket.Bind(Loopback, port));
        socket.Listen();
        return socket;
    }

    static RawSocket Open(PrivateNamespace netns) =>
        netns.Run(static () => RawSocket.Open(SocketType.Stream, isIPv6: false));

    static async Task<JsonElement> ProblemAsync(PrivateNamespace netns, string name)
    {
        var problem = await FindAsync(netns, name);
        Assert.True(problem is not null, $"no problem {name}");
        return problem.Value;
    }

    static async Task<JsonElement?> FindAsync(PrivateNamespace netns, string name)
    {
        var problems = (await PublishedDiagnosis.DiagnoseAsync(netns)).GetProperty("problems").EnumerateArray();
        foreach (var problem in problems)
        {
            if (PublishedDiagnosis.Text(problem, "name") == name && PublishedDiagnosis.Text(problem, "phase") != "over")
                return problem;
        }

        return null;
    }
}
