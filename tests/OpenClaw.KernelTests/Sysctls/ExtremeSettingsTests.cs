using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.KernelTests;

/// <summary>The lowest and highest settings that the kernel accepts.</summary>
public sealed class ExtremeSettingsTests : IDisposable
{
    readonly PrivateNamespace _netns = new();

    public void Dispose() => _netns.Dispose();

    /// <summary>The kernel then ends each connection without TIME_WAIT, and refuses nothing.</summary>
    [Fact]
    public void A_limit_of_0_on_TIME_WAIT_is_no_exhaustion()
    {
        _netns.Sysctl("net.ipv4.tcp_max_tw_buckets", "0");
        _netns.Run(static () =>
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            for (var i = 0; i < 20; i++)
            {
                using var client = new TcpClient();
                client.Connect((IPEndPoint)listener.LocalEndpoint);
                listener.AcceptSocket().Dispose();
            }
        });

        var diagnosis = Diagnosis.Judge(_netns.SnapshotOf("sockstat", "socket_limits"));

        Assert.Equal(PoolCondition.Ok, diagnosis.StateOf(PoolCatalogue.TimeWaitSockets).Condition);
        Assert.Null(Assert.Single(diagnosis.StateOf(PoolCatalogue.TimeWaitSockets).Levels.Value).Limit);
    }

    [Fact]
    public void A_range_that_is_reserved_as_a_whole_is_the_fault_of_the_reserved_ports()
    {
        _netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40019");
        _netns.Sysctl("net.ipv4.ip_local_reserved_ports", "40000-40019");
        Assert.Throws<SocketException>(() => _netns.Run(Bind));

        var worst = Diagnosis
            .Judge(
                _netns.SnapshotOf("ephemeral_port_settings", "tcp_sockets", "udp_sockets", "socket_limits", "processes")
            )
            .Findings[0];

        Assert.Equal((PoolCatalogue.EphemeralConnectPorts, 0.0), (worst.Pool, worst.Level.Limit));
        Assert.StartsWith(
            "net.ipv4.ip_local_reserved_ports reserves every port",
            worst.Remedy.Advice,
            StringComparison.Ordinal
        );
        Assert.NotNull(worst.Remedy.Command);
        _netns.Command("bash", "-c", worst.Remedy.Command);
        _netns.Run(Bind);
    }

    static void Bind()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }
}
