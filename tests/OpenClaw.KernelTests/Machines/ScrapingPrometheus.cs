using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>
/// A real Prometheus in a namespace, which scrapes an exporter each second over two connections. A test can close the
/// second one.
/// </summary>
sealed class ScrapingPrometheus : IDisposable
{
    const string Address = "127.0.0.1:9090";

    readonly TemporaryFolder _folder = new();
    readonly PrivateNamespace _netns;
    readonly HttpClient _client;
    readonly ConcurrentQueue<string> _failures = [];

    ScrapingPrometheus(PrivateNamespace netns) => (_netns, _client) = (netns, netns.HttpClient());

    /// <summary>The address of the exporter for the second connection.</summary>
    public static IPEndPoint Second { get; } = new(IPAddress.Parse("127.0.0.2"), PublishedExporter.Port);

    /// <summary>The lines of its log about scrapes that failed, in its own words.</summary>
    public IEnumerable<string> Failures => _failures;

    /// <summary>Starts Prometheus, and waits until it scrapes, which it begins after five seconds.</summary>
    public static async Task<ScrapingPrometheus> StartAsync(PrivateNamespace netns)
    {
        var program = InstalledProgram.Find("prometheus");
        var prometheus = new ScrapingPrometheus(netns);
        var folder = prometheus._folder;
        var configuration = folder.Write(
            "prometheus.yml",
            $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs:
              - job_name: open
                static_configs: [targets: ['{{GuardedExporter.Endpoint}}']]
              - job_name: again
                static_configs: [targets: ['{{Second}}']]
            """
        );
        var process = netns.Start(
            new(
                program,
                [
                    $"--config.file={configuration}",
                    $"--storage.tsdb.path={folder.PathOf("data")}",
                    $"--web.listen-address={Address}",
                    // It tells why a scrape failed on this level only.
                    "--log.level=debug",
                ]
            )
            {
                RedirectStandardError = true,
            }
        );
        _ = prometheus.KeepFailuresAsync(process.StandardError);
        await prometheus.UntilScrapedAsync("up 0", static up => up == 0);
        return prometheus;
    }

    /// <summary>Waits until both connections were scraped with a result.</summary>
    public async Task UntilScrapedAsync(string what, Func<double, bool> isResult)
    {
        foreach (var job in (string[])["open", "again"])
        {
            await Polling.UntilAsync($"{job}: {what}", async () =>
                (await SamplesAsync(job, DateTimeOffset.UtcNow, TimeSpan.FromSeconds(1.5))).Exists(sample =>
                    sample.Name == "up" && isResult(sample.Value)
                )
            );
        }
    }

    /// <summary>
    /// Closes the second connection, so that the next scrape needs a new one. It also closes a connection that was
    /// being opened meanwhile.
    /// </summary>
    public void CloseSecond()
    {
        string[] connection =
        [
            .. (string[])["-Htn", "dst", $"{Second.Address}", "dport", "="],
            string.Create(CultureInfo.InvariantCulture, $":{Second.Port}"),
        ];
        var ss = InstalledProgram.Find("ss");
        for (var attempt = 0; attempt < 3 && _netns.Command(ss, connection).Length > 0; attempt++)
            _netns.Command(ss, ["-K", .. connection]);
    }

    /// <summary>Returns the samples that Prometheus stored, oldest first in each series.</summary>
    /// <param name="job">The job: open, or again for the second connection.</param>
    /// <param name="to">The end of the time span.</param>
    /// <param name="span">The time span.</param>
    public async Task<List<StoredSample>> SamplesAsync(string job, DateTimeOffset to, TimeSpan span)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"{{job=\"{job}\"}}[{span.TotalMilliseconds:F0}ms]");
        var time = (to.ToUnixTimeMilliseconds() / 1000.0).ToString("F3", CultureInfo.InvariantCulture);
        using var answer = await _client.GetAsync(
            new Uri($"http://{Address}/api/v1/query?time={time}&query={Uri.EscapeDataString(query)}"),
            TestContext.Current.CancellationToken
        );
        using var json = JsonDocument.Parse(
            await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
        );
        return
        [
            .. from series in json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
            let labels = series
                .GetProperty("metric")
                .EnumerateObject()
                .ToDictionary(static label => label.Name, static label => label.Value.GetString()!)
            from value in series.GetProperty("values").EnumerateArray()
            select new StoredSample(
                labels,
                value[0].GetDouble(),
                double.Parse(value[1].GetString()!, CultureInfo.InvariantCulture)
            ),
        ];
    }

    async Task KeepFailuresAsync(StreamReader log)
    {
        while (await log.ReadLineAsync() is { } line)
        {
            if (line.Contains(" failed\"", StringComparison.Ordinal))
                _failures.Enqueue(line);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A sample in the storage of Prometheus.</summary>
/// <param name="Labels">The labels of its series, the name included.</param>
/// <param name="Time">The time of the scrape, in seconds since 1970.</param>
/// <param name="Value">The value.</param>
sealed record StoredSample(Dictionary<string, string> Labels, double Time, double Value)
{
    /// <summary>The name of the metric.</summary>
    public string Name => Labels["__name__"];

    /// <summary>The series within its job.</summary>
    public string Series { get; } =
        string.Join(
            ',',
            Labels
                .Where(static label => label.Key is not ("job" or "instance"))
                .OrderBy(static label => label.Key, StringComparer.Ordinal)
                .Select(static label => $"{label.Key}={label.Value}")
        );
}
