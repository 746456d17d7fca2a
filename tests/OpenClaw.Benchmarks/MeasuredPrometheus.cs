using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OpenClaw.Benchmarks;

/// <summary>
/// A real Prometheus with the shipped rules, on two cores. Other load on the machine lengthens elapsed times but not
/// CPU times, so the lesser of the two counts.
/// </summary>
sealed class MeasuredPrometheus : IDisposable
{
    const int Port = 9810;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The shipped rules. Creep rules run each minute instead of each quarter of an hour, so that a benchmark sees
    /// several runs.
    /// </summary>
    static string Rules =>
        File.ReadAllText(Repository.PathOf("alerts/openclaw-network.rules.yml"))
            .Replace("interval: 15m", "interval: 1m", StringComparison.Ordinal);

    readonly Process _process;
    readonly HttpClient _client = new() { BaseAddress = new($"http://127.0.0.1:{Port}/api/v1/"), Timeout = Patience };

    MeasuredPrometheus(Process process) => _process = process;

    /// <summary>
    /// Starts Prometheus on the blocks in the folder. Waits until it has merged them, as it has done for a past day in
    /// production.
    /// </summary>
    /// <param name="folder">The folder with the data.</param>
    /// <param name="scrapes">The scrape section of the configuration.</param>
    public static async Task<MeasuredPrometheus> StartAsync(TemporaryFolder folder, string scrapes)
    {
        var configuration = folder.Write(
            "prometheus.yml",
            $"""
            global:
              evaluation_interval: {FleetHistory.Round.TotalSeconds}s
            rule_files: [{folder.Write("openclaw-network.rules.yml", Rules)}]
            {scrapes}
            """
        );
        var prometheus = new MeasuredPrometheus(
            Process.Start(
                "taskset",
                [
                    "-c",
                    "0,1",
                    "prometheus",
                    $"--config.file={configuration}",
                    "--storage.tsdb.path=" + folder.PathOf("data"),
                    $"--web.listen-address=127.0.0.1:{Port}",
                    "--log.level=error",
                ]
            )
        );
        try
        {
            await prometheus.MergedAsync(folder.PathOf("data"));
            return prometheus;
        }
        catch
        {
            prometheus.Dispose();
            throw;
        }
    }

    /// <summary>Gets the data of an answer of the HTTP API.</summary>
    public async Task<JsonElement> GetAsync(string address)
    {
        var text = await _client.GetStringAsync(new Uri(address, UriKind.Relative));
        return JsonDocument.Parse(text).RootElement.GetProperty("data");
    }

    /// <summary>The CPU time so far.</summary>
    public double CpuSeconds()
    {
        _process.Refresh();
        return _process.TotalProcessorTime.TotalSeconds;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }

    async Task MergedAsync(string data)
    {
        int Blocks() => Directory.GetFiles(data, "meta.json", SearchOption.AllDirectories).Length;
        var (first, last, since, watch) = (Blocks(), Blocks(), TimeSpan.Zero, Stopwatch.StartNew());
        while (last == first || watch.Elapsed - since < Quiet)
        {
            if (_process.HasExited || watch.Elapsed > Patience)
                throw new TimeoutException($"Prometheus did not merge its {first} blocks");
            await Task.Delay(500);
            if (Blocks() is var now && now != last)
                (last, since) = (now, watch.Elapsed);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{first} blocks of two hours became {last}"));
    }
}
