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
    public async Task It_is_found_without_a_flag_from_its_start_to_its_end_and_so_is_a_second_one()
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

        foreach (
            var other in (RealGateway[])
                [
                    await BesideAsync(exporter, gateway, 19001, "night", "--profile", "night"),
                    await BesideAsync(exporter, gateway, 19101, "dev", "--dev"),
                ]
        )
        {
            other.Signal("KILL");
        }

        await RealGateway.ScrapedAsync(exporter, "openclaw_network_gateway_healthy 0\n");
        gateway.Signal("KILL");
        await Polling.UntilAsync(
            "the page says that it ended",
            async () =>
            {
                html = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
                return html.Contains($"{gateway.Words}, 127.0.0.1:{Port}, ended", StringComparison.Ordinal);
            },
            RealGateway.Patience
        );
        page = await exporter.ScrapeAsync();
        Assert.Contains("openclaw_network_gateway_healthy 0\n", page, StringComparison.Ordinal);
        Assert.Contains("reader_success{reader=\"openclaw_gateway\"} 0\n", page, StringComparison.Ordinal);
    }

    /// <summary>Starts a further Gateway with a profile, and waits until it is found beside the first one.</summary>
    async Task<RealGateway> BesideAsync(
        PublishedExporter exporter,
        RealGateway first,
        int port,
        string profile,
        params string[] flags
    )
    {
        var other = RealGateway.Start(_netns, _home, port, flags);

        var page = "";
        await Polling.UntilAsync(
            "both are found",
            async () =>
            {
                page = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
                return page.Contains($"ready; {first.Words}, 127.0.0.1:{Port}", StringComparison.Ordinal)
                    && page.Contains($"ready; {other.Words}, 127.0.0.1:{port}", StringComparison.Ordinal);
            },
            RealGateway.Patience
        );

        Assert.Contains($"profile {profile}", page, StringComparison.Ordinal);
        Assert.Contains($"/openclaw-{profile}-*.log", page, StringComparison.Ordinal);
        return other;
    }
}
