using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OpenClaw.Benchmarks;

/// <summary>Whether one Prometheus on two cores can judge and show a fleet: the shipped rules, and the dashboard of the fleet.</summary>
static class FleetScale
{
    const int Machines = 1_000;
    const int Port = 9810;
    const int Rounds = 5;
    const int Repeats = 3;
    const double RulesAtMost = 1;
    const double QueryAtMost = 2;

    static readonly TimeSpan Day = TimeSpan.FromHours(24);
    static readonly TimeSpan Block = TimeSpan.FromHours(2);
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Prints the tables; 1 when a bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        using var folder = new TemporaryFolder();
        var end = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await FillAsync(folder, end);

        using var prometheus = Start("taskset",
            "-c", "0,1", "prometheus", "--config.file=" + folder.Write("prometheus.yml", $"""
                global:
                  evaluation_interval: 15s
                rule_files: [{Repository.PathOf("alerts/openclaw-network.rules.yml")}]
                """),
            "--storage.tsdb.path=" + folder.PathOf("data"),
            $"--web.listen-address=127.0.0.1:{Port}",
            "--log.level=error",

            // Nothing is merged while it is measured, and the last samples, which are not scraped again, stay in sight.
            "--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h", "--query.lookback-delta=15m");
        try
        {
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{Port}/api/v1/"), Timeout = Patience };
            var rules = await SlowestRoundAsync(client);
            var query = await SlowestQueryAsync(client, end);
            var kept = rules < RulesAtMost && query < QueryAtMost;
            Console.WriteLine($"\n{(kept ? "kept" : "BROKEN")}: rules {rules:F2} s a round (bound {RulesAtMost}), slowest query {query:F2} s (bound {QueryAtMost})");
            return kept ? 0 : 1;
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync();
        }
    }

    /// <summary>Fills Prometheus' blocks, two hours at a time: promtool reads a whole file for each block.</summary>
    static async Task FillAsync(TemporaryFolder folder, long end)
    {
        using var exporter = await Contestant.StartOursAsync();
        var history = new FleetHistory(await exporter.PageAsync(), Machines, end);
        var from = end - (long)Day.TotalSeconds;
        var samples = Machines * history.SeriesEach * (long)(Day / FleetHistory.Step);
        Console.WriteLine($"{Machines:N0} machines, {history.SeriesEach} series each, {Day.TotalHours} hours, a sample every {FleetHistory.Step.TotalMinutes} minutes: {samples:N0} samples");
        var watch = Stopwatch.StartNew();
        var text = folder.PathOf("part.txt");
        var block = (long)Block.TotalSeconds;
        for (var start = from / block * block; start < end; start += block)
        {
            await using (var writer = new StreamWriter(text))
            {
                // The samples of all parts lie on one grid, which ends at the end.
                var step = (long)FleetHistory.Step.TotalSeconds;
                var first = Math.Max(start, from);
                history.Write(writer, first + (end - first) % step, start + block);
            }

            using var promtool = Start("promtool", "tsdb", "create-blocks-from", "--quiet", "openmetrics", text, folder.PathOf("data"));
            await promtool.WaitForExitAsync();
            if (promtool.ExitCode != 0)
                throw new InvalidOperationException("promtool could not make a block");
        }

        File.Delete(text);
        Console.WriteLine($"filled in {watch.Elapsed.TotalSeconds:F0} s\n");
    }

    /// <summary>Seconds of the slowest round of all rules.</summary>
    static async Task<double> SlowestRoundAsync(HttpClient client)
    {
        var rounds = new Dictionary<string, double>();
        var firing = 0;
        var watch = Stopwatch.StartNew();
        while (rounds.Count < Rounds)
        {
            try
            {
                var groups = (await GetAsync(client, "rules")).GetProperty("groups").EnumerateArray().ToList();
                var last = groups.Max(static group => group.GetProperty("lastEvaluation").GetString())!;
                if (groups.TrueForAll(static group => group.GetProperty("evaluationTime").GetDouble() > 0))
                    rounds[last] = groups.Sum(static group => group.GetProperty("evaluationTime").GetDouble());
                firing = groups.SelectMany(static group => group.GetProperty("rules").EnumerateArray()).Sum(static rule => rule.GetProperty("alerts").GetArrayLength());
            }
            catch (HttpRequestException) when (watch.Elapsed < Patience)
            {
                // It does not listen yet.
            }

            if (watch.Elapsed > Patience)
                throw new TimeoutException("Prometheus did not evaluate the rules");
            await Task.Delay(500);
        }

        Console.WriteLine($"rules, s a round: {string.Join("  ", rounds.Values.Select(static seconds => $"{seconds:F2}"))}   alerts: {firing}\n");
        return rounds.Values.Max();
    }

    /// <summary>Seconds of the slowest query of the dashboard.</summary>
    static async Task<double> SlowestQueryAsync(HttpClient client, long end)
    {
        var slowest = 0.0;
        Console.WriteLine("first s  again s   points  series  panel");
        var fleet = Dashboard.All["openclaw-fleet"];
        foreach (var query in fleet.Queries.Concat(fleet.Annotations))
        {
            // As Grafana on a wide screen: a point a pixel, unless the panel wants fewer.
            var step = Math.Max(Day.TotalSeconds / (query.MostPoints ?? 1500), Seconds(query.MinimumStep));
            var address = query.IsInstant
                ? $"query?time={end}"
                : string.Create(CultureInfo.InvariantCulture, $"query_range?start={end - Day.TotalSeconds}&end={end}&step={step}");
            address += "&query=" + Uri.EscapeDataString(query.Filled("20m"));
            var times = new List<double>();
            var series = 0;
            for (var i = 0; i < Repeats; i++)
            {
                var watch = Stopwatch.StartNew();
                series = (await GetAsync(client, address)).GetProperty("result").GetArrayLength();
                times.Add(watch.Elapsed.TotalSeconds);
            }

            slowest = Math.Max(slowest, times.Max());
            Console.WriteLine($"{times[0],7:F2}  {times.Skip(1).Max(),7:F2}  {(query.IsInstant ? 1 : Day.TotalSeconds / step),7:F0}  {series,6}  {query.Panel} / {query.RefId}");
        }

        return slowest;
    }

    static async Task<JsonElement> GetAsync(HttpClient client, string address)
    {
        var text = await client.GetStringAsync(new Uri(address, UriKind.Relative));
        return JsonDocument.Parse(text).RootElement.GetProperty("data");
    }

    /// <summary>A duration such as 30s or 5m in seconds; zero when there is none.</summary>
    static double Seconds(string? duration) => duration is null
        ? 0
        : int.Parse(duration[..^1], CultureInfo.InvariantCulture) * (duration[^1] == 'm' ? 60 : 1);

    static Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments))!;
}
