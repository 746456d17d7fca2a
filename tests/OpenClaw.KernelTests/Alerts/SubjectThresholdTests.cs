using System.Globalization;
using System.Text.Json;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.KernelTests;

/// <summary>The thresholds of one destination, from a settings file to the pager.</summary>
public class SubjectThresholdTests(ITestOutputHelper output)
{
    const int Range = 200;
    const int Connections = 60;
    const string Pool = "ephemeral_connect_ports";
    const string Lowered = "127.0.0.1:8080";
    const string Standard = "127.0.0.1:7070";

    /// <summary>The rule's delay before it fires, plus a margin for a slow machine.</summary>
    static readonly TimeSpan PageTimeout = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Both destinations use as many ports, less than the pool's own thresholds. Prometheus, Alertmanager and the rules
    /// are the real ones.
    /// </summary>
    [Fact]
    public async Task A_lower_threshold_of_one_destination_pages_for_it_alone_and_shows_in_all_places()
    {
        Assert.True((double)Connections / Range < PoolCatalogue.EphemeralConnectPorts.Thresholds.Warning);
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Range - 1}");
        using var lowered = new ConnectionPairs(netns, 8080);
        using var standard = new ConnectionPairs(netns, 7070);
        for (var i = 0; i < Connections; i++)
        {
            lowered.Connect();
            standard.Connect();
        }

        var file = folder.Write(
            "exporter.yml",
            $$"""
            pools:
              {{Pool}}:
                subjects:
                  '127\.0\.0\.1:80\d\d': {warning: 10%, critical: 20%}
            """
        );
        using var exporter = await PublishedExporter.StartAsync(netns, $"--config.file={file}");
        await using var chain = await AlertingChain.StartAsync(netns);

        var page = await chain.NextPageAsync(Pool, PageTimeout);
        output.WriteLine(page.ToString());
        Assert.Equal("firing", page.Status);
        Assert.Equal("OpenClawPoolCritical", page.Labels["alertname"]);
        Assert.Equal(Lowered, page.Labels["subject"]);
        Assert.Equal($"ephemeral connect ports 30% used for {Lowered} on 127.0.0.1:10087", page.Annotations["summary"]);

        // Prometheus has no alert of this pool for the other destination, not even a pending one.
        Assert.Equal([Lowered], (await SeriesAsync(chain, "ALERTS")).Select(static one => one.Subject).Distinct());
        var exceeded = Assert.Single(await SeriesAsync(chain, "openclaw_network_pool_exceeded_ratio"));
        Assert.Equal((Lowered, 0.3), exceeded);
        var used = await SeriesAsync(chain, "openclaw_network_pool_utilization_ratio");
        Assert.Contains((Lowered, 0.3), used);
        Assert.Contains((Standard, 0.3), used);

        await ShowsInDocument(exporter, Lowered, "critical", 0.1, 0.2);
        await ShowsInDocument(exporter, Standard, "ok", 0.75, 0.9);
        var html = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
        ShowsOnPage(html, Lowered, "critical", "warning from 10%, critical from 20%");
        ShowsOnPage(html, Standard, "ok", "warning from 75%, critical from 90%");
    }

    static async Task<List<(string Subject, double Value)>> SeriesAsync(AlertingChain chain, string name)
    {
        var query = $$"""{{name}}{pool="{{Pool}}"}""";
        return
        [
            .. (await chain.QueryAsync($"query?query={Uri.EscapeDataString(query)}"))
                .EnumerateArray()
                .Select(static series =>
                    (
                        series.GetProperty("metric").GetProperty("subject").GetString()!,
                        double.Parse(series.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture)
                    )
                ),
        ];
    }

    static async Task ShowsInDocument(
        PublishedExporter exporter,
        string subject,
        string condition,
        double warning,
        double critical
    )
    {
        using var document = JsonDocument.Parse(
            await exporter.Client.GetStringAsync("/api/v1/diagnosis", TestContext.Current.CancellationToken)
        );
        var pool = document
            .RootElement.GetProperty("pools")
            .EnumerateArray()
            .Single(pool =>
                pool.GetProperty("pool").GetString() == Pool && pool.GetProperty("subject").GetString() == subject
            );
        Assert.Equal(condition, pool.GetProperty("condition").GetString());
        Assert.Equal((double)Connections, pool.GetProperty("used").GetDouble());
        Assert.Equal(
            (warning, critical),
            (pool.GetProperty("warning_ratio").GetDouble(), pool.GetProperty("critical_ratio").GetDouble())
        );
    }

    static void ShowsOnPage(string html, string subject, string condition, string thresholds)
    {
        var row = html.Split('\n')
            .Single(line =>
                line.StartsWith("<tr><th scope=\"row\">tcp ", StringComparison.Ordinal)
                && line.Contains($" to {subject}<", StringComparison.Ordinal)
            );
        Assert.Contains($"class=\"bar {condition}\"", row, StringComparison.Ordinal);
        Assert.Contains(thresholds, row, StringComparison.Ordinal);
    }
}
