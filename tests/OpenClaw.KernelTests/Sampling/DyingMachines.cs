using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>Makes the shortages, some at once: a shortage waits most of the time.</summary>
public sealed class DyingMachines : IDisposable
{
    /// <summary>The connections of each namespace.</summary>
    public const int Connections = 40;

    const int AtOnce = 5;
    const string Open = "open";
    const string Again = "again";

    /// <summary>The timeout of a scrape. A scrape that begins later may end after the shortage.</summary>
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <summary>The time that each shortage lasts, and that it may last until a scrape shows it.</summary>
    static readonly (TimeSpan AtLeast, TimeSpan AtMost) Duration = (
        TimeSpan.FromSeconds(3.2),
        TimeSpan.FromSeconds(10)
    );

    readonly SemaphoreSlim _places = new(AtOnce);
    readonly Dictionary<string, Task<SeenShortage>> _runs;

    public DyingMachines() =>
        _runs = Shortages.All.ToDictionary(
            static shortage => shortage.Name,
            shortage => Task.Run(() => SeeInTurnAsync(shortage), TestContext.Current.CancellationToken)
        );

    public void Dispose() => _places.Dispose();

    /// <summary>Returns the samples around a shortage.</summary>
    internal Task<SeenShortage> SeeAsync(string name) => _runs[name];

    async Task<SeenShortage> SeeInTurnAsync(Shortage shortage)
    {
        using var cgroup = shortage.Controller is { } controller ? new ControllerCgroup(controller) : null;
        using var netns = new PrivateNamespace();
        shortage.Prepare(netns);
        using var prometheus = await ScrapingPrometheus.StartAsync(netns);
        await _places.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            using var pairs = new ConnectionPairs(netns, port: 20_000);
            for (var i = 0; i < Connections; i++)
                pairs.Connect();
            using var exporter = await PublishedExporter.StartBehindAsync(
                netns,
                cgroup?.Prefix ?? [],
                $"--web.listen-address={ScrapingPrometheus.Second}",
                $"--sampling.max-age={shortage.MaxAge}"
            );
            await prometheus.UntilScrapedAsync("up 1", static up => up == 1);
            return await SeeAsync(shortage, new(netns, cgroup, exporter), prometheus);
        }
        finally
        {
            _places.Release();
        }
    }

    static async Task<SeenShortage> SeeAsync(Shortage shortage, ShortMachine machine, ScrapingPrometheus prometheus)
    {
        var before = await prometheus.SamplesAsync(Open, DateTimeOffset.UtcNow, Duration.AtLeast);
        DateTimeOffset begin;
        TimeSpan busy;
        IReadOnlyList<StoredSample> lasting,
            again;
        var failuresBefore = prometheus.Failures.Count();
        using (shortage.Begin(machine))
        {
            begin = DateTimeOffset.UtcNow;
            busy = -machine.Exporter.Process.TotalProcessorTime;
            prometheus.CloseSecond();
            var closed = DateTimeOffset.UtcNow;
            var wait = Duration.AtLeast;
            do
            {
                await Task.Delay(wait, TestContext.Current.CancellationToken);
                wait = TimeSpan.FromSeconds(0.5);
                lasting = await SinceAsync(Open, begin, prometheus);
            } while (DateTimeOffset.UtcNow - begin < Duration.AtMost && !shortage.IsShown(before, lasting));

            again = await SinceAsync(Again, closed, prometheus);
            machine.Exporter.Process.Refresh();
            busy += machine.Exporter.Process.TotalProcessorTime;
        }

        var end = DateTimeOffset.UtcNow;
        var failures = prometheus.Failures.Skip(failuresBefore).ToList();
        IReadOnlyList<StoredSample> after = [];
        await Polling.UntilAsync(
            $"after {shortage.Name}, everything is read again",
            async () =>
            {
                var span = DateTimeOffset.UtcNow - end;
                after = Last(await prometheus.SamplesAsync(Open, end + span, span));
                return after.Named("up").Contains(1)
                    && !after.Absences().Except(before.Absences()).Any()
                    && Last(await prometheus.SamplesAsync(Again, end + span, span)).Named("up").Contains(1);
            },
            TimeSpan.FromSeconds(15)
        );
        var recovery = DateTimeOffset.UtcNow - end;

        using (shortage.Begin(machine))
        {
            var ending = Stopwatch.StartNew();
            var process = machine.Exporter.Process;
            machine.Netns.Command("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return new(
                before,
                lasting,
                again,
                after,
                busy / (end - begin),
                recovery,
                ending.Elapsed,
                process.ExitCode,
                string.Join('\n', [.. failures, await machine.Exporter.Log])
            );
        }
    }

    /// <summary>Returns the samples of the scrapes that began since then, and whose timeout has passed.</summary>
    static Task<List<StoredSample>> SinceAsync(string job, DateTimeOffset begin, ScrapingPrometheus prometheus)
    {
        var to = DateTimeOffset.UtcNow - Timeout;
        return prometheus.SamplesAsync(job, to, to - begin);
    }

    /// <summary>Returns the samples of the last scrape.</summary>
    static List<StoredSample> Last(List<StoredSample> samples)
    {
        var last = samples.Select(static sample => sample.Time).DefaultIfEmpty().Max();
        return samples.FindAll(sample => sample.Time == last);
    }
}
