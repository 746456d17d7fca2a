using System.Diagnostics;

namespace OpenClaw.Benchmarks;

/// <summary>
/// Compares one scraper with 64 that come at the same moment, and measures what an open page and a Prometheus cost
/// together.
/// </summary>
static class Scrapers
{
    const int AtOnce = 64;
    const int Rounds = 60;
    const double LatencyRatioAtMost = 2;

    /// <summary>The part of a CPU for a page and a Prometheus, in percent.</summary>
    const double PercentAtMost = 0.5;

    /// <summary>The time between two rounds, after which a snapshot is taken anew.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.1);

    static readonly TimeSpan Polling = TimeSpan.FromMinutes(1);

    /// <summary>Prints latencies and CPU times; returns 1 when a bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        using var idle = new IdleProcesses();
        idle.HoldTotal(80);
        using var ours = await Contestant.StartBuildAsync(
            Repository.PublishedExporter,
            9801,
            $"--web.max-requests={AtOnce}"
        );
        var clients = Enumerable.Range(0, AtOnce).Select(_ => new HttpClient()).ToArray();
        try
        {
            await Task.WhenAll(clients.Select(client => client.GetByteArrayAsync(ours.Address)));
            var one = await MeasureAsync(ours, clients[..1]);
            var all = await MeasureAsync(ours, clients);
            var (single, crowd) = (Measures.Percentile(one.Latencies, 99), Measures.Percentile(all.Latencies, 99));
            Console.WriteLine(
                $"""
                latency p99, ms         one {single:F1}, {AtOnce} at once {crowd:F1}, ratio {crowd / single:F2}
                CPU of the sampler, ms  one {one.Sampler:F2}, {AtOnce} at once {all.Sampler:F2}
                """
            );
            var percent = await PollAsync(ours, clients[0]);
            var isKept = crowd <= single * LatencyRatioAtMost && percent <= PercentAtMost;
            Console.WriteLine(
                $"page and Prometheus     {percent:F2} % of a CPU\n\n{(isKept ? "kept" : "BROKEN")}: ratio at most "
                    + $"{LatencyRatioAtMost}, at most {PercentAtMost} %"
            );
            return isKept ? 0 : 1;
        }
        finally
        {
            foreach (var client in clients)
                client.Dispose();
        }
    }

    static async Task<Round> MeasureAsync(Contestant ours, HttpClient[] clients)
    {
        var latencies = new List<TimeSpan>();
        var before = ours.CpuTimeOf("sampler");
        for (var round = 0; round < Rounds; round++)
        {
            await Task.Delay(Pause);
            latencies.AddRange(await Task.WhenAll(clients.Select(client => ScrapeAsync(client, ours.Address))));
        }

        return new(latencies, (ours.CpuTimeOf("sampler") - before).TotalMilliseconds / Rounds);
    }

    static async Task<TimeSpan> ScrapeAsync(HttpClient client, Uri address)
    {
        var start = Stopwatch.GetTimestamp();
        _ = await client.GetByteArrayAsync(address);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Fetches the page each second and the metrics each 15, as a browser and a Prometheus do.</summary>
    static async Task<double> PollAsync(Contestant ours, HttpClient client)
    {
        client.DefaultRequestHeaders.Add("Accept-Encoding", "gzip");
        var page = new Uri(ours.Address, "/");
        var before = ours.CpuTime();
        var start = Stopwatch.GetTimestamp();
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var i = 0; Stopwatch.GetElapsedTime(start) < Polling; i++)
        {
            _ = await client.GetByteArrayAsync(page);
            if (i % 15 == 0)
                _ = await client.GetByteArrayAsync(ours.Address);
            _ = await second.WaitForNextTickAsync();
        }

        return 100 * (ours.CpuTime() - before) / Stopwatch.GetElapsedTime(start);
    }

    /// <summary>The measurements of some rounds.</summary>
    /// <param name="Latencies">The time of each scrape.</param>
    /// <param name="Sampler">The CPU time in the readers, in milliseconds a round.</param>
    sealed record Round(List<TimeSpan> Latencies, double Sampler);
}
