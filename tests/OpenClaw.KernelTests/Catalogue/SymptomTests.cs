using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>
/// Provokes each symptom in a namespace and compares the published binary's series with nstat and ss.
/// </summary>
public class SymptomTests
{
    const string Prefix = "openclaw_network_";

    [Fact]
    [Provokes("listen_overflows_total", "listen_drops_total", "syn_retransmits_total")]
    public async Task A_full_accept_queue_shows_as_overflows_and_unanswered_syns()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s");
        var before = await SeriesAsync(exporter);
        var sockets = Enumerable.Range(0, 6).Select(_ => Open(netns, SocketType.Stream)).ToList();
        sockets[0].Bind(new IPEndPoint(IPAddress.Loopback, 8080));
        sockets[0].Listen(1);
        foreach (var client in sockets.Skip(1))
        {
            client.Blocking = false;
            Assert.Throws<SocketException>(() => client.Connect(IPAddress.Loopback, 8080));
        }

        // The kernel first retransmits a SYN after one second.
        await Task.Delay(1300, TestContext.Current.CancellationToken);
        var (after, nstat) = await BothAsync(netns, exporter);

        Assert.Equal(0, before[$"{Prefix}listen_overflows_total{{netns=\"self\"}}"]);
        Assert.True(after[$"{Prefix}listen_overflows_total{{netns=\"self\"}}"] >= 3);
        Assert.Equal(nstat["TcpExtListenOverflows"], after[$"{Prefix}listen_overflows_total{{netns=\"self\"}}"]);
        Assert.Equal(nstat["TcpExtListenDrops"], after[$"{Prefix}listen_drops_total{{netns=\"self\"}}"]);
        Assert.True(after[$"{Prefix}syn_retransmits_total{{netns=\"self\"}}"] >= 3);
        Assert.Equal(nstat["TcpExtTCPSynRetrans"], after[$"{Prefix}syn_retransmits_total{{netns=\"self\"}}"]);
        sockets.ForEach(static socket => socket.Dispose());
    }

    [Fact]
    [Provokes("time_wait_sockets", "time_wait_overflows_total")]
    public async Task A_full_TIME_WAIT_table_is_full_and_overflows()
    {
        const int buckets = 10,
            closed = 15;
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.tcp_max_tw_buckets", buckets.ToString(CultureInfo.InvariantCulture));
        using var listener = Open(netns, SocketType.Stream);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
        listener.Listen(100);
        for (var i = 0; i < closed; i++)
        {
            var client = Open(netns, SocketType.Stream);
            client.Connect(IPAddress.Loopback, 8080);
            var server = listener.Accept();
            client.Dispose();
            server.Dispose();
        }

        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s");
        var (series, nstat) = await BothAsync(netns, exporter);

        Assert.Equal(
            buckets,
            netns.Command("ss", "-tanH", "state", "time-wait").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length
        );
        Assert.Equal(buckets, series[$"{Prefix}time_wait_sockets{{netns=\"self\"}}"]);
        Assert.Equal(buckets, series[$"{Prefix}time_wait_sockets_limit{{netns=\"self\"}}"]);
        Assert.Equal(1, series[$"{Prefix}condition{{code=\"clw-network-exhausted\",severity=\"critical\"}}"]);
        Assert.Equal(closed - buckets, series[$"{Prefix}time_wait_overflows_total{{netns=\"self\"}}"]);
        Assert.Equal(
            nstat["TcpExtTCPTimeWaitOverflow"],
            series[$"{Prefix}time_wait_overflows_total{{netns=\"self\"}}"]
        );
    }

    [Theory]
    [InlineData("127.0.0.1", "ipv4", "UdpRcvbufErrors")]
    [InlineData("::1", "ipv6", "Udp6RcvbufErrors")]
    [Provokes("udp_receive_buffer_errors_total")]
    public async Task Datagrams_that_nobody_reads_show_as_buffer_errors(string address, string family, string counter)
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s");
        var endpoint = new IPEndPoint(IPAddress.Parse(address), 5000);
        using var reader = netns.Run(() =>
            new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4096 }
        );
        using var writer = netns.Run(() => new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        reader.Bind(endpoint);
        for (var i = 0; i < 500; i++)
            writer.SendTo(new byte[100], endpoint);

        var (series, nstat) = await BothAsync(netns, exporter);

        var errors = series[$"{Prefix}udp_receive_buffer_errors_total{{netns=\"self\",family=\"{family}\"}}"];
        Assert.True(errors > 400, $"{errors} errors");
        Assert.Equal(nstat[counter], errors);
    }

    [Fact]
    public async Task In_a_child_namespace_the_limits_of_the_machine_are_absent_and_explained()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns);

        var series = await SeriesAsync(exporter);

        foreach (var pool in (string[])["orphan_sockets", "tcp_memory_bytes", "udp_memory_bytes"])
        {
            Assert.True(File.Exists("/proc/sys/net/ipv4/tcp_max_orphans"), "the machine itself has these limits");
            Assert.Contains(Prefix + pool, series.Keys);
            Assert.DoesNotContain($"{Prefix}{pool}_limit", series.Keys);
            Assert.DoesNotContain(series.Keys, key =>
                key.StartsWith($"{Prefix}pool_utilization_ratio{{pool=\"{pool}\"", StringComparison.Ordinal)
            );
        }

        Assert.DoesNotContain(series.Keys, static key =>
            key.StartsWith($"{Prefix}neighbour_", StringComparison.Ordinal)
        );
        foreach (var reader in (string[])["socket_limits", "neighbour_tables"])
        {
            Assert.Equal(0, series[$"{Prefix}reader_success{{reader=\"{reader}\"}}"]);
            Assert.Equal(1, series[$"{Prefix}reader_absence{{reader=\"{reader}\",reason=\"not_present\"}}"]);
        }
    }

    static Socket Open(PrivateNamespace netns, SocketType type) =>
        netns.Run(() =>
            new Socket(
                AddressFamily.InterNetwork,
                type,
                type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp
            )
        );

    /// <summary>
    /// Reads the exporter between two equal outputs of nstat, since timers keep changing the counters.
    /// </summary>
    static async Task<(Dictionary<string, double> Series, Dictionary<string, double> Nstat)> BothAsync(
        PrivateNamespace netns,
        PublishedExporter exporter
    )
    {
        while (true)
        {
            var before = netns.Nstat();
            var series = await SeriesAsync(exporter);
            var after = netns.Nstat();
            if (
                before["TcpExtListenDrops"] == after["TcpExtListenDrops"]
                && before["TcpExtTCPSynRetrans"] == after["TcpExtTCPSynRetrans"]
            )
            {
                return (series, after);
            }
        }
    }

    static async Task<Dictionary<string, double>> SeriesAsync(PublishedExporter exporter) =>
        (await exporter.ScrapeAsync())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => line[0] != '#')
            .ToDictionary(
                static line => line[..line.LastIndexOf(' ')],
                static line => Number(line[(line.LastIndexOf(' ') + 1)..])
            );

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
