using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OpenClaw.Benchmarks;

/// <summary>
/// A real Prometheus with the shipped rules, on two cores. A time that others on the machine have drawn out is no
/// longer than the CPU time when they are gone: the lesser of the two is what it takes.
/// </summary>
sealed class MeasuredPrometheus : IDisposable
{
    const int Port = 9810;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The shipped ones; creep, which is looked at every quarter of an hour, so often that it is measured.
    /// </summary>
    static string Rules =>
        File.ReadAllText(Repository.PathOf("alerts/openclaw-network.rules.yml"))
            .Replace("interval: 15m", "interval: 1m", StringComparison.Ordinal);

    readonly Process _process;
    readonly HttpClient _client = new() { BaseAddress = new($"http://127.0.0.1:{Port}/api/v1/"), Timeout = Patience };

    MeasuredPrometheus(Process process) => _process = process;

    /// <summary>
    /// Starts it on the blocks in the folder and waits until it has merged them, as it has those of a day that is past.
    /// </summary>
    /// <param name="folder">Where its data is.</param>
    /// <param name="scrapes">What it scrapes, as its configuration says it.</param>
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

    /// <summary>The data of an answer of the HTTP API.</summary>
    public async Task<JsonElement> GetAsync(string address)
    {
        var text = await _client.GetStringAsync(new Uri(address, UriKind.Relative));
        return JsonDocument.Parse(text).RootElement.GetProperty("data");
    }

    /// <summary>CPU time so far.</summary>
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
