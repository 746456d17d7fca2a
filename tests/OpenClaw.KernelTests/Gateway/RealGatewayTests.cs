using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>The exporter beside the real Gateway, which it finds without a flag.</summary>
[Trait("Package", "openclaw")]
[Collection(nameof(RealGateway))]
public sealed class RealGatewayTests : IDisposable
{
    const int Port = 18789;
    const string Often = "--sampling.max-age=100ms";

    readonly PrivateNamespace _netns = new();
    readonly TemporaryFolder _home = new();

    public void Dispose()
    {
        _netns.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task It_is_found_without_a_flag_from_its_start_to_its_end()
    {
        using var exporter = await PublishedExporter.StartAsync(_netns, Often);
        Assert.DoesNotContain("openclaw_network_gateway_", await exporter.ScrapeAsync(), StringComparison.Ordinal);
        var gateway = RealGateway.Start(_netns, _home, Port);

        var page = await RealGateway.ReadyAsync(exporter);

        foreach (
            var expected in new[]
            {
                "\nopenclaw_network_gateway_healthy 1\n",
                "\nopenclaw_network_gateway_event_loop_delay_seconds ",
                "\nopenclaw_network_gateway_event_loop_utilization_ratio ",
                "\nopenclaw_network_gateway_uptime_seconds ",
                $"\nopenclaw_network_runtime_info{{version=\"{RealGateway.Version}\"}} 1\n",
                "reader_success{reader=\"openclaw_gateway\"} 1\n",
                "process=\"openclaw-gateway\"",
            }
        )
        {
            Assert.Contains(expected, page, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("process=\"MainThread\"", page, StringComparison.Ordinal);
        var html = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
        Assert.Contains(
            $"{gateway.Words}, 127.0.0.1:{Port}, version {RealGateway.Version}",
            html,
            StringComparison.Ordinal
        );
        Assert.Contains($"configuration {_home.PathOf(".openclaw/openclaw.json")}", html, StringComparison.Ordinal);

        gateway.Signal("KILL");
        page = await RealGateway.ScrapedAsync(exporter, "openclaw_network_gateway_healthy 0\n");
        Assert.Contains("reader_success{reader=\"openclaw_gateway\"} 0\n", page, StringComparison.Ordinal);
        html = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
        Assert.Contains($"{gateway.Words} at 127.0.0.1:{Port} ended", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_Gateway_is_why_its_accept_queue_is_full()
    {
        using var exporter = await PublishedExporter.StartAsync(_netns, Often);
        var gateway = RealGateway.Start(_netns, _home, Port);
        await RealGateway.ReadyAsync(exporter);

        gateway.Signal("STOP");
        await RealGateway.ScrapedAsync(exporter, "openclaw_network_gateway_healthy 0\n");
        using var clients = new Clients(_netns, new(IPAddress.Loopback, Port), 500);
        var diagnosis = await PublishedDiagnosis.DiagnoseAsync(_netns, "--collector.processes");
        var full = diagnosis.GetProperty("pools")[0];

        Assert.Equal("accept_queue_connections", PublishedDiagnosis.Text(full, "pool"));
        Assert.Contains(gateway.Words, diagnosis.GetProperty("problems").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("it hangs or is stopped", AdviceOf(full), StringComparison.Ordinal);

        gateway.Signal("CONT");
        await RealGateway.ScrapedAsync(exporter, "openclaw_network_gateway_healthy 1\n");
        await Polling.UntilAsync(
            "the queue is empty",
            async () =>
                PublishedDiagnosis.Text(await PublishedDiagnosis.WorstAsync(_netns, "--collector.processes"), "pool")
                != "accept_queue_connections",
            RealGateway.Patience
        );
    }

    [Fact]
    public async Task A_late_event_loop_shows()
    {
        using var exporter = await PublishedExporter.StartAsync(_netns, Often);
        var gateway = RealGateway.Start(_netns, _home, Port);
        await RealGateway.ReadyAsync(exporter);

        // Stopped for most of the time, it is late as with a busy loop, and still answers in time.
        var page = "";
        await Polling.UntilAsync(
            "the event loop is late",
            async () =>
            {
                gateway.Signal("STOP");
                await Task.Delay(TimeSpan.FromSeconds(1.3), TestContext.Current.CancellationToken);
                gateway.Signal("CONT");
                await Task.Delay(TimeSpan.FromSeconds(0.4), TestContext.Current.CancellationToken);
                page = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
                return page.Contains("but its event loop is", StringComparison.Ordinal);
            },
            RealGateway.Patience
        );

        Assert.Contains($" ms; {gateway.Words}", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_event_loop_shows()
    {
        using var exporter = await PublishedExporter.StartAsync(_netns, Often);
        var gateway = RealGateway.StartAlone(_netns, _home, Port);
        await RealGateway.ReadyAsync(exporter);

        await Polling.UntilAsync(
            "the event loop is late",
            async () =>
            {
                await gateway.OrderAsync("spin 1300");
                await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
                var page = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
                return page.Contains("but its event loop is", StringComparison.Ordinal);
            },
            RealGateway.Patience
        );

        Assert.Matches(
            "\nopenclaw_network_gateway_event_loop_utilization_ratio (0\\.[5-9]|1)",
            await exporter.ScrapeAsync()
        );
    }

    [Fact]
    public async Task Its_descriptors_run_out_and_the_remedy_cures_it_while_it_runs()
    {
        using var exporter = await PublishedExporter.StartAsync(_netns, Often);
        var gateway = RealGateway.Start(_netns, _home, Port);
        await RealGateway.ReadyAsync(exporter);
        var files = $"/proc/{gateway.Process.Id}/fd";
        JsonElement full = default;
        await Polling.UntilAsync(
            "its descriptors run out",
            async () =>
            {
                // It opens and closes some all the time.
                var limit = Directory.GetFileSystemEntries(files).Length + 1;
                _netns.Command("prlimit", $"--pid={gateway.Process.Id}", $"--nofile={limit}:");
                full = await DescriptorsAsync();
                return PublishedDiagnosis.Text(full, "condition") == "critical";
            },
            RealGateway.Patience
        );
        var diagnosis = await PublishedDiagnosis.DiagnoseAsync(_netns, "--collector.processes");
        Assert.Contains(gateway.Words, diagnosis.GetProperty("problems").GetRawText(), StringComparison.Ordinal);
        await PublishedDiagnosis.RunAsync(_netns, full);
        Assert.Equal("ok", PublishedDiagnosis.Text(await DescriptorsAsync(), "condition"));
        Assert.False(gateway.Process.HasExited);

        async Task<JsonElement> DescriptorsAsync() =>
            (await PublishedDiagnosis.PoolsAsync(_netns, "--collector.processes")).First(static pool =>
                PublishedDiagnosis.WhatAndWho(pool) == "process_file_descriptors"
                && PublishedDiagnosis.WhatAndWho(pool, "process").EndsWith("openclaw-gateway", StringComparison.Ordinal)
            );
    }

    [Fact]
    public async Task A_profile_and_a_second_Gateway_are_found_beside_the_first()
    {
        const int second = 19001;
        using var exporter = await PublishedExporter.StartAsync(_netns, Often);
        var first = RealGateway.Start(_netns, _home, Port);
        await RealGateway.ReadyAsync(exporter);
        var other = RealGateway.Start(_netns, _home, second, "--profile", "night");

        var page = "";
        await Polling.UntilAsync(
            "both are found",
            async () =>
            {
                page = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
                return page.Contains($"ready; {first.Words}, 127.0.0.1:{Port}", StringComparison.Ordinal)
                    && page.Contains($"ready; {other.Words}, 127.0.0.1:{second}", StringComparison.Ordinal);
            },
            RealGateway.Patience
        );

        Assert.Contains("profile night", page, StringComparison.Ordinal);
        Assert.Contains("/openclaw-night-*.log", page, StringComparison.Ordinal);
        other.Signal("KILL");
        await RealGateway.ScrapedAsync(exporter, "openclaw_network_gateway_healthy 0\n");
    }

    static string? AdviceOf(JsonElement pool) => PublishedDiagnosis.Text(pool.GetProperty("remedy"), "advice");

    /// <summary>Connections that nobody accepts.</summary>
    sealed class Clients : IDisposable
    {
        readonly List<Socket> _sockets = [];

        public Clients(PrivateNamespace netns, IPEndPoint server, int count) =>
            netns.Run(() =>
            {
                for (var i = 0; i < count; i++)
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    _sockets.Add(socket);
                    socket.Connect(server);
                }
            });

        public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());
    }
}
