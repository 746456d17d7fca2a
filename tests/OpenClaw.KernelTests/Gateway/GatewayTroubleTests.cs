using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OpenClaw.KernelTests;

/// <summary>
/// The troubles of the real Gateway that it recovers from. The tests share a Gateway, for a start takes ten seconds.
/// </summary>
[Trait("Package", "openclaw")]
[Collection(nameof(RealGateway))]
public sealed class GatewayTroubleTests(RunningGateway running) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task A_stopped_Gateway_is_why_its_accept_queue_is_full()
    {
        var (netns, exporter, gateway) = await running.GetAsync();

        gateway.Signal("STOP");
        await RealGateway.ScrapedAsync(exporter, "openclaw_network_gateway_healthy 0\n");
        using var clients = new Clients(netns, new(IPAddress.Loopback, RunningGateway.Port), 500);
        var diagnosis = await PublishedDiagnosis.DiagnoseAsync(netns, "--collector.processes");
        var full = diagnosis.GetProperty("pools").EnumerateArray().First(static pool => !IsOfProcess(pool));

        Assert.Equal("accept_queue_connections", PublishedDiagnosis.Text(full, "pool"));
        Assert.Contains(gateway.Words, diagnosis.GetProperty("problems").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("it hangs or is stopped", AdviceOf(full), StringComparison.Ordinal);

        gateway.Signal("CONT");
        await RealGateway.ScrapedAsync(exporter, "openclaw_network_gateway_healthy 1\n");
        await Polling.UntilAsync(
            "the queue is empty",
            async () =>
                (await PublishedDiagnosis.PoolsAsync(netns, "--collector.processes"))
                    .Where(IsQueue)
                    .All(static queue => PublishedDiagnosis.Text(queue, "condition") == "ok"),
            RealGateway.Patience
        );
    }

    [Fact]
    public async Task A_late_event_loop_shows()
    {
        var (netns, exporter, gateway) = await running.GetAsync();

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
        var (netns, exporter, gateway) = await running.GetAsync();

        // Another test may have made it late a moment ago, without work.
        await Polling.UntilAsync(
            "the event loop is late and busy",
            async () =>
            {
                await gateway.OrderAsync("spin 1300");
                await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
                var page = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
                return page.Contains("but its event loop is", StringComparison.Ordinal)
                    && Regex.IsMatch(
                        await exporter.ScrapeAsync(),
                        "\nopenclaw_network_gateway_event_loop_utilization_ratio (0\\.[5-9]|1)"
                    );
            },
            RealGateway.Patience
        );
    }

    [Fact]
    public async Task Its_descriptors_run_out_and_the_remedy_cures_it_while_it_runs()
    {
        var (netns, exporter, gateway) = await running.GetAsync();
        var files = $"/proc/{gateway.Process.Id}/fd";
        JsonElement full = default;
        await Polling.UntilAsync(
            "its descriptors run out",
            async () =>
            {
                // It opens and closes some all the time.
                var limit = Directory.GetFileSystemEntries(files).Length + 1;
                netns.Command("prlimit", $"--pid={gateway.Process.Id}", $"--nofile={limit}:");
                full = await DescriptorsAsync();
                return PublishedDiagnosis.Text(full, "condition") == "critical";
            },
            RealGateway.Patience
        );
        var diagnosis = await PublishedDiagnosis.DiagnoseAsync(netns, "--collector.processes");
        Assert.Contains(gateway.Words, diagnosis.GetProperty("problems").GetRawText(), StringComparison.Ordinal);
        await PublishedDiagnosis.RunAsync(netns, full);
        Assert.Equal("ok", PublishedDiagnosis.Text(await DescriptorsAsync(), "condition"));
        Assert.False(gateway.Process.HasExited);

        async Task<JsonElement> DescriptorsAsync() =>
            (await PublishedDiagnosis.PoolsAsync(netns, "--collector.processes")).First(static pool =>
                PublishedDiagnosis.WhatAndWho(pool) == "process_file_descriptors"
                && PublishedDiagnosis.WhatAndWho(pool, "process").EndsWith("openclaw-gateway", StringComparison.Ordinal)
            );
    }

    /// <summary>Returns true for the descriptors of a process, which may be another test's.</summary>
    static bool IsOfProcess(JsonElement pool) => PublishedDiagnosis.Text(pool, "pool") == "process_file_descriptors";

    static bool IsQueue(JsonElement pool) => PublishedDiagnosis.Text(pool, "pool") == "accept_queue_connections";

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
