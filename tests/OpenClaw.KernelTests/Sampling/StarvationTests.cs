namespace OpenClaw.KernelTests;

/// <summary>
/// An exporter that lacks descriptors, time or procfs. It may know less, but no number may be another than the one that
/// it shows with all of them.
/// </summary>
[Collection(WholeMachine.Name)]
public class StarvationTests
{
    /// <summary>Families whose number may become 0 from one scrape to the next.</summary>
    static readonly string[] Changing =
    [
        // They tell what the exporter could not do. Without a descriptor, it is refused too.
        "reader_success",
        "probe_success",
        // Each CPU reserves memory in advance, so that what sockets use may be counted as none.
        "tcp_memory_bytes",
    ];

    [Fact]
    public async Task One_spare_descriptor_is_enough_to_read_everything()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await StartAsync(netns);
        var lost = Lost(await exporter.ScrapeAsync()).ToList();

        exporter.SpareDescriptors(netns, 1);

        Assert.Equal(lost, Lost(await exporter.ScrapeAsync()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Without_descriptors_no_number_is_made_up(int spare)
    {
        using var netns = new PrivateNamespace();
        using var held = Use(netns);
        using var exporter = await StartAsync(netns);
        var whole = await exporter.ScrapeAsync();

        exporter.SpareDescriptors(netns, spare);

        AssertNothingMadeUp(whole, await exporter.ScrapeAsync());
    }

    [Theory]
    [InlineData("0.001")]
    [InlineData("0.002")]
    [InlineData("0.005")]
    [InlineData("0.02")]
    public async Task Without_time_no_number_is_made_up(string timeout)
    {
        using var netns = new PrivateNamespace();
        using var held = Use(netns);
        using var exporter = await StartAsync(netns);
        var whole = await exporter.ScrapeAsync();

        for (var i = 0; i < 5; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
            request.Headers.Add("X-Prometheus-Scrape-Timeout-Seconds", timeout);
            using var response = await exporter.Client.SendAsync(request, TestContext.Current.CancellationToken);
            AssertNothingMadeUp(
                whole,
                await response
                    .EnsureSuccessStatusCode()
                    .Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
            );
        }
    }

    [Fact]
    public async Task Without_any_one_reader_no_number_is_made_up()
    {
        using var netns = new PrivateNamespace();
        using var held = Use(netns);
        using var exporter = await StartAsync(netns);
        var whole = await exporter.ScrapeAsync();
        var readers = Series
            .Parse(whole)
            .Where(static series => series.Name == "openclaw_network_reader_success")
            .Select(static series => series.Labels["reader"])
            .ToList();
        Assert.InRange(readers.Count, 20, 60);

        foreach (var reader in readers)
        {
            AssertNothingMadeUp(
                whole,
                await exporter.Client.GetStringAsync(
                    $"/metrics?exclude[]={reader}",
                    TestContext.Current.CancellationToken
                )
            );
        }
    }

    [Fact]
    public async Task Without_procfs_no_number_is_made_up_and_none_is_fine()
    {
        using var netns = new PrivateNamespace();
        using var held = Use(netns);
        using var folder = new TemporaryFolder();
        string whole;
        using (var exporter = await StartAsync(netns))
        {
            whole = await exporter.ScrapeAsync();
            exporter.Process.Kill();
            await exporter.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var blind = await PublishedExporter.StartAsync(netns, $"--path.procfs={folder.PathOf("")}");

        var metrics = await blind.ScrapeAsync();

        // Netlink needs no procfs: what it counts is counted.
        AssertNothingMadeUp(whole, metrics);
        Assert.DoesNotContain(Series.Parse(metrics), static series =>
            series is { Name: "openclaw_network_condition", Value: 0 }
        );
    }

    /// <summary>
    /// Asserts that each number of a starved scrape that is 0 is 0 in the whole one too, and is there at all.
    /// </summary>
    static void AssertNothingMadeUp(string whole, string starved)
    {
        var known = Series.Parse(whole).ToDictionary(static series => series.Key, static series => series.Value);
        Assert.All(
            Series
                .Parse(starved)
                .Where(static series =>
                    series.Value == 0
                    && series.Name.StartsWith("openclaw_network_", StringComparison.Ordinal)
                    && !Changing.Contains(series.Name["openclaw_network_".Length..])
                ),
            series =>
                Assert.True(known.TryGetValue(series.Key, out var value) && value == 0, $"{series.Key} is made up")
        );
    }

    /// <summary>Starts an exporter, and waits until it has the peaks of the first second.</summary>
    static async Task<PublishedExporter> StartAsync(PrivateNamespace netns)
    {
        var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s");
        await Polling.UntilAsync("there are peaks", async () =>
            (await exporter.ScrapeAsync()).Contains(
                "utilization_peak_ratio{pool=\"time_wait_sockets\"",
                StringComparison.Ordinal
            )
        );
        return exporter;
    }

    /// <summary>
    /// Opens connections with unread data, so that the numbers of sockets, ports and memory are not 0.
    /// </summary>
    static ConnectionPairs Use(PrivateNamespace netns)
    {
        var pairs = new ConnectionPairs(netns, 20_000);
        for (var i = 0; i < 50; i++)
        {
            pairs.Connect();
            pairs.Clients[i].Send(new byte[4096]);
        }

        return pairs;
    }

    static IEnumerable<string> Lost(string metrics) =>
        from series in Series.Parse(metrics)
        where series.Name == "openclaw_network_reader_absence"
        select series.Key;
}
