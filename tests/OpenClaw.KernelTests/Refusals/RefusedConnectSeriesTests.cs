using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>The published binary shows refused connections with their process, or says why it cannot.</summary>
public class RefusedConnectSeriesTests
{
    const string Family = "openclaw_network_refused_connects_total";

    [Fact]
    [Provokes("refused_connects_total")]
    public async Task A_refused_connect_is_a_series_and_names_its_process()
    {
        const int refused = 3;
        using var netns = Narrow();
        netns.Attach(new ConnectionPairs(netns, 9000));
        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s");
        var before = Assert.Single(await SeriesAsync(exporter));

        var program = ConnectingProgram.Start(netns, "worker", "blocking", "127.0.0.1", 9000, refused);
        Assert.Equal(refused, program.Refused());

        var after = (await SeriesAsync(exporter)).ToDictionary(static series => series.Labels["process"]);
        Assert.Equal(("other", 0), (before.Labels["process"], before.Value));
        Assert.Equal(("other", 0), (after["other"].Labels["destination"], after["other"].Value));
        Assert.Equal(refused, after["worker"].Value);
        Assert.Equal("127.0.0.1:9000", after["worker"].Labels["destination"]);
        Assert.Equal("self", after["worker"].Labels["netns"]);

        var document = JsonDocument.Parse(
            await exporter.Client.GetStringAsync("/api/v1/diagnosis", TestContext.Current.CancellationToken)
        );
        var words = document.RootElement.GetProperty("problems").ToString();
        Assert.Contains("connect() found no free port: worker (pid ", words, StringComparison.Ordinal);
        Assert.Contains($"(pid {program.Id}) to 127.0.0.1:9000, last at ", words, StringComparison.Ordinal);
    }

    /// <summary>The same use of the ports is close before the refused call, and failing after it.</summary>
    [Fact]
    public async Task A_refused_connect_turns_ports_that_are_nearly_full_to_failing()
    {
        const int range = 100;
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + range - 1}");
        var pairs = new ConnectionPairs(netns, 9000);
        netns.Attach(pairs);
        for (var i = 0; i < range - 2; i++)
            pairs.Connect();
        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s", "--no-probe");
        var before = await ConnectPortsAsync(exporter);

        pairs.Connect();
        pairs.Connect();
        using (var refused = netns.Run(static () => new Socket(SocketType.Stream, ProtocolType.Tcp)))
            Assert.Throws<SocketException>(() => refused.Connect(IPAddress.Loopback, 9000));
        foreach (var client in pairs.Clients[^2..])
        {
            client.LingerState = new(true, 0);
            client.Dispose();
        }

        var after = await ConnectPortsAsync(exporter);

        Assert.Equal(("98 of 100 (98%)", "close"), before);
        Assert.Equal(("98 of 100 (98%)", "failing"), after);
    }

    static async Task<(string? Evidence, string? Phase)> ConnectPortsAsync(PublishedExporter exporter)
    {
        var text = await exporter.Client.GetStringAsync("/api/v1/diagnosis", TestContext.Current.CancellationToken);
        var ports = JsonDocument
            .Parse(text)
            .RootElement.GetProperty("problems")
            .EnumerateArray()
            .First(static problem => problem.GetProperty("pool").GetString() == "ephemeral_connect_ports");
        return (ports.GetProperty("evidence").GetString(), ports.GetProperty("phase").GetString());
    }

    /// <summary>A command starts to count only now. The server has counted since its start.</summary>
    [Fact]
    public async Task A_command_beside_the_server_shows_the_calls_that_the_server_counted()
    {
        using var netns = new PrivateNamespace();
        netns.Attach(new ConnectionPairs(netns, 9000));
        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s", "--no-probe");
        _ = await SeriesAsync(exporter);
        var program = ConnectingProgram.Start(netns, "worker", "range", "127.0.0.1", 9000, 3);
        Assert.Equal(3, program.Refused());
        _ = await SeriesAsync(exporter);

        var words = await PublishedDiagnosis.InWordsAsync(netns, "--collector.processes");

        Assert.Contains(
            $"connect() found no free port: worker (pid {program.Id}) to 127.0.0.1:9000, last at ",
            words,
            StringComparison.Ordinal
        );
    }

    /// <summary>The server has no right to count, as in the unit without privileges. Root runs the command.</summary>
    [Fact]
    public async Task A_command_beside_a_server_that_cannot_count_counts_itself()
    {
        using var netns = new PrivateNamespace();
        netns.Attach(new ConnectionPairs(netns, 9000));
        using var exporter = await PublishedExporter.StartBehindAsync(netns, WithOnly(""), "--sampling.max-age=0s");
        _ = await SeriesAsync(exporter);
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        var diagnosed = PublishedDiagnosis.InWordsAsync(netns, "--collector.processes", "--observe=4s");
        var refused = 0;
        while (!diagnosed.IsCompleted)
        {
            refused += ConnectingProgram.Start(netns, "worker", "range", "127.0.0.1", 9000, 1).Refused();
            await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        }

        Assert.Contains("connect() found no free port: worker (pid ", await diagnosed, StringComparison.Ordinal);
        Assert.InRange(refused, 2, int.MaxValue);
    }

    [Theory]
    [InlineData("", "not_permitted")]
    [InlineData("+bpf", "not_permitted")]
    [InlineData("+bpf,+perfmon", null)]
    public async Task Without_the_capabilities_there_is_no_series_and_the_page_has_the_reason(
        string capabilities,
        string? reason
    )
    {
        using var netns = Narrow();
        using var exporter = await PublishedExporter.StartBehindAsync(
            netns,
            [.. PrivateProcesses.First, .. WithOnly(capabilities)]
        );

        var page = await exporter.ScrapeAsync();
        var html = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
        var diagnosis = await exporter.Client.GetStringAsync(
            "/api/v1/diagnosis",
            TestContext.Current.CancellationToken
        );

        Assert.Equal(reason is null, page.Contains($"{Family}{{", StringComparison.Ordinal));
        Assert.Equal(
            reason is not null,
            page.Contains(
                $"openclaw_network_reader_absence{{reader=\"refused_connects\",reason=\"{reason}\"}} 1\n",
                StringComparison.Ordinal
            )
        );
        Assert.Equal(reason is not null, html.Contains("CAP_PERFMON", StringComparison.Ordinal));
        Assert.Equal("ok", JsonDocument.Parse(diagnosis).RootElement.GetProperty("condition").GetString());
        Assert.Contains("openclaw_network_ephemeral_connect_ports", page, StringComparison.Ordinal);
    }

    static string[] WithOnly(string capabilities)
    {
        string[] kept =
            capabilities.Length == 0 ? [] : [$"--inh-caps=-all,{capabilities}", $"--ambient-caps=-all,{capabilities}"];
        var bounding = capabilities.Length == 0 ? "-all" : $"-all,{capabilities}";
        return
        [
            InstalledProgram.Find("setpriv"),
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            $"--bounding-set={bounding}",
            .. kept,
        ];
    }

    static async Task<List<Series>> SeriesAsync(PublishedExporter exporter) =>
        [.. Series.Parse(await exporter.ScrapeAsync()).Where(static series => series.Name == Family)];

    static PrivateNamespace Narrow()
    {
        var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40009");
        return netns;
    }
}
