using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace OpenClaw.Benchmarks;

/// <summary>
/// Measures one Prometheus on two cores with a fleet: the time of the shipped rules and of the fleet dashboard.
/// </summary>
static class FleetScale
{
    const int Machines = 1_000;
    const int Rounds = 5;
    const int Repeats = 3;
    const int Slowest = 8;
    const double RulesAtMost = 1;
    const double QueryAtMost = 2;

    static readonly TimeSpan Day = TimeSpan.FromHours(24);
    static readonly TimeSpan Block = TimeSpan.FromHours(2);

    /// <summary>
    /// The wait for Prometheus' start-up work to end. The first scrapes add a hundred thousand series at once; the
    /// rounds of rules are measured later.
    /// </summary>
    static readonly TimeSpan Settled = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The time reserved for filling. The history ends that much later than now, so that scrapes follow it without a
    /// gap.
    /// </summary>
    static readonly TimeSpan FillAtMost = TimeSpan.FromMinutes(6);

    /// <summary>Prints the tables; returns 1 when a bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        using var folder = new TemporaryFolder();
        var end = (DateTimeOffset.UtcNow + FillAtMost).ToUnixTimeSeconds();
        var history = await FillAsync(folder, end);
        using var targets = new FleetTargets(history);
        using var prometheus = await MeasuredPrometheus.StartAsync(
            folder,
            FleetTargets.ScrapeConfiguration(Machines, FleetHistory.RecentStep)
        );
        await HistoryEndsAsync(end);
        await Task.Delay(Settled);
        var rules = await SlowestRoundAsync(prometheus, DateTimeOffset.UtcNow);
        var query = await SlowestQueryAsync(prometheus, end);
        var kept = rules < RulesAtMost && query < QueryAtMost;
        Console.WriteLine(
            $"\n{(kept ? "kept" : "BROKEN")}: slowest round of rules {rules:F2} s (bound {RulesAtMost}), "
                + $"slowest query {query:F2} s (bound {QueryAtMost}); time that passed, on a machine with nothing "
                + $"else to do"
        );
        return kept ? 0 : 1;
    }

    /// <summary>Fills Prometheus' blocks, two hours at a time: promtool reads a whole file for each block.</summary>
    static async Task<FleetHistory> FillAsync(TemporaryFolder folder, long end)
    {
        using var exporter = await Contestant.StartOursAsync("--netns=all");
        var history = new FleetHistory(await exporter.PageAsync(), Machines, end);
        var from = end - (long)Day.TotalSeconds;
        var samples =
            Machines
            * history.SeriesEach
            * (long)((Day - FleetHistory.Recent) / FleetHistory.Step + FleetHistory.Recent / FleetHistory.RecentStep);
        Console.WriteLine(
            $"{Machines:N0} machines, {history.SeriesEach} series each, {Day.TotalHours} hours, a sample every "
                + $"{FleetHistory.Step.TotalMinutes} minutes, in the last {FleetHistory.Recent.TotalMinutes} "
                + $"every {FleetHistory.RecentStep.TotalSeconds} seconds: {samples:N0} samples"
        );
        var watch = Stopwatch.StartNew();
        var text = folder.PathOf("part.txt");
        var block = (long)Block.TotalSeconds;
        for (var start = from / block * block; start < end; start += block)
        {
            await using (var writer = new StreamWriter(text))
                history.Write(writer, Math.Max(start, from), start + block);

            using var promtool = Process.Start(
                "promtool",
                ["tsdb", "create-blocks-from", "--quiet", "openmetrics", text, folder.PathOf("data")]
            );
            await promtool.WaitForExitAsync();
            if (promtool.ExitCode != 0)
                throw new InvalidOperationException("promtool could not make a block");
        }

        File.Delete(text);
        Console.WriteLine($"filled in {watch.Elapsed.TotalSeconds:F0} s");
        return history;
    }

    /// <summary>
    /// Waits until the history ends. Prometheus refuses samples older than its blocks, and scrapes must follow without
    /// a gap.
    /// </summary>
    static async Task HistoryEndsAsync(long end)
    {
        var left = DateTimeOffset.FromUnixTimeSeconds(end) - DateTimeOffset.UtcNow;
        if (left < TimeSpan.Zero)
            throw new TimeoutException($"the history ended {-left.TotalSeconds:F0} s before it was filled in");
        await Task.Delay(left + FleetHistory.RecentStep);
    }

    /// <summary>Seconds of the slowest round of all rules, as Prometheus reports them.</summary>
    static async Task<double> SlowestRoundAsync(MeasuredPrometheus prometheus, DateTimeOffset since)
    {
        var rounds = new Dictionary<string, double>();
        var rules = new List<JsonElement>();
        var cpu = prometheus.CpuSeconds();
        while (rounds.Count <= Rounds)
        {
            await Task.Delay(500);
            var groups = (await prometheus.GetAsync("rules")).GetProperty("groups").EnumerateArray().ToList();

            // Each group has its own time and interval. A round is one evaluation of the pools' group, plus the last
            // evaluation of every other group.
            if (groups.Any(group => group.GetProperty("lastEvaluation").GetDateTimeOffset() < since))
                continue;
            var last = groups
                .Single(static group => group.GetProperty("name").GetString() == "openclaw-network")
                .GetProperty("lastEvaluation")
                .GetString()!;
            if (rounds.Count == 0)
                cpu = prometheus.CpuSeconds();
            rounds[last] = groups.Sum(static group => group.GetProperty("evaluationTime").GetDouble());
            rules = [.. groups.SelectMany(static group => group.GetProperty("rules").EnumerateArray())];
        }

        // The first round is left out: it ran before the CPU time was read, and with empty caches.
        var times = rounds
            .OrderBy(static round => round.Key, StringComparer.Ordinal)
            .Skip(1)
            .Select(static round => round.Value)
            .ToList();
        var work = (prometheus.CpuSeconds() - cpu) / Rounds;
        var alerts = rules
            .Where(static rule => rule.GetProperty("type").GetString() == "alerting")
            .Select(static rule =>
                (Name: rule.GetProperty("name").GetString(), Count: rule.GetProperty("alerts").GetArrayLength())
            )
            .Where(static rule => rule.Count > 0)
            .ToList();
        Console.WriteLine(
            $"rules, s a round: {string.Join("  ", times.Select(static seconds => $"{seconds:F2}"))}; CPU, with "
                + $"scrapes, {work:F2} on average; {alerts.Sum(static rule => rule.Count)} alerts: "
                + $"{string.Join(", ", alerts.Select(static rule => $"{rule.Count} {rule.Name}"))}"
        );
        foreach (
            var rule in rules
                .OrderByDescending(static rule => rule.GetProperty("evaluationTime").GetDouble())
                .Take(Slowest)
        )
        {
            Console.WriteLine(
                $"{rule.GetProperty("evaluationTime").GetDouble(), 9:F3}  {rule.GetProperty("name").GetString()}"
            );
        }

        foreach (
            var metric in rules
                .SelectMany(static rule => FleetHistory.MetricName().Matches(rule.GetProperty("query").GetString()!))
                .Select(static match => match.Value)
                .Distinct()
        )
        {
            if ((await prometheus.GetAsync($"query?query=count({metric})")).GetProperty("result").GetArrayLength() == 0)
            {
                throw new InvalidOperationException(
                    $"the rules read {metric}, which no machine has, and are quicker for it"
                );
            }
        }

        if (
            rules.FirstOrDefault(static rule => rule.GetProperty("health").GetString() != "ok") is
            { ValueKind: JsonValueKind.Object } failed
        )
        {
            throw new InvalidOperationException(
                $"{failed.GetProperty("name").GetString()}: {failed.GetProperty("lastError").GetString()}"
            );
        }

        Console.WriteLine();
        return times.Max();
    }

    /// <summary>Seconds of the slowest query of the dashboard.</summary>
    static async Task<double> SlowestQueryAsync(MeasuredPrometheus prometheus, long end)
    {
        var slowest = 0.0;
        Console.WriteLine("slowest s    CPU s   points  series  panel");
        var fleet = Dashboard.All["openclaw-fleet"];
        foreach (var query in fleet.Queries.Concat(fleet.Annotations))
        {
            // Grafana on a wide screen asks for one point per pixel, unless the panel sets fewer.
            var step = Math.Max(Day.TotalSeconds / (query.MostPoints ?? 1500), Seconds(query.MinimumStep));
            var address = query.IsInstant
                ? $"query?time={end}"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"query_range?start={end - Day.TotalSeconds}&end={end}&step={step}"
                );
            address += "&query=" + Uri.EscapeDataString(query.Filled("20m"));
            double time = 0,
                work = 0;
            var series = 0;
            for (var i = 0; i < Repeats; i++)
            {
                var cpu = prometheus.CpuSeconds();
                var watch = Stopwatch.StartNew();
                series = (await prometheus.GetAsync(address)).GetProperty("result").GetArrayLength();
                time = Math.Max(time, watch.Elapsed.TotalSeconds);
                work = Math.Max(work, prometheus.CpuSeconds() - cpu);
            }

            slowest = Math.Max(slowest, time);
            Console.WriteLine(
                $"{time, 9:F2}  {work, 7:F2}  {(query.IsInstant ? 1 : Day.TotalSeconds / step), 7:F0}  "
                    + $"{series, 6}  {query.Panel} / {query.RefId}"
            );
        }

        return slowest;
    }

    /// <summary>Converts a duration such as 30s or 5m to seconds; null is 0.</summary>
    static double Seconds(string? duration)
    {
        if (duration is null)
            return 0;
        var unit = duration[^1] == 'm' ? 60 : 1;
        return int.Parse(duration[..^1], CultureInfo.InvariantCulture) * unit;
    }
}
