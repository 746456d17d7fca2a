using System.Diagnostics;
using System.Text.RegularExpressions;

namespace OpenClaw.Benchmarks;

/// <summary>
/// Measures the search for the processes that hold nearly all ports, and the scrapes beside it. Another build of the
/// exporter, where one is given, searches in turn with the published one and must find the same.
/// </summary>
static partial class HolderSearches
{
    const string Thread = "holders";
    const int Rounds = 11;
    const double CpuAtMost = 60;

    /// <summary>
    /// The time from a scrape to the next one, which is that of the other build. A search takes less, also on a busy
    /// machine.
    /// </summary>
    static readonly TimeSpan BetweenScrapes = TimeSpan.FromMilliseconds(500);

    /// <summary>The CPU time of the thread from which it has searched.</summary>
    static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(2);

    /// <summary>Prints the table; returns 1 when the bound is broken.</summary>
    /// <param name="before">The path of the other build; null for none.</param>
    public static async Task<int> RunAsync(string? before)
    {
        using var held = HeldPorts.Start(static start => Process.Start(start)!);
        using var ours = await StartAsync(Repository.PublishedExporter, 9801);
        using var other = before is null ? null : await StartAsync(before, 9802);
        var all = new List<Measured> { new("now", ours) };
        if (other is not null)
            all.Insert(0, new("before", other));

        // The first search loads the program.
        while (all.Exists(static measured => measured.Cpu.Count <= Rounds))
        {
            foreach (var measured in all)
                await MeasureAsync(measured);
        }

        foreach (var measured in all)
            measured.Cpu.RemoveAt(0);

        Console.WriteLine(
            $"{HeldPorts.Ports:N0} ports of {HeldPorts.Workers} processes among {HeldPorts.Processes:N0}, medians of "
                + $"{Rounds} searches or more\n"
                + "          CPU of a search, ms (lowest, highest)  scrape that begins one, ms  other scrape, ms"
        );
        foreach (var (name, _, cpu, beginning, others, _) in all)
        {
            Console.WriteLine(
                $"  {name, -6}  {Median(cpu), 21:F1} ({cpu.Min():F1}, {cpu.Max():F1})  {Median(beginning), 36:F1}  "
                    + $"{Median(others), 16:F1}"
            );
            Console.WriteLine($"          in order: {string.Join(' ', cpu.Select(static ms => $"{ms:F1}"))}");
        }

        var answers = all.SelectMany(static measured => measured.Answers).Distinct().ToList();
        Console.WriteLine($"\nholders: {string.Join("; ", answers)}");
        var isKept = Median(all[^1].Cpu) < CpuAtMost && answers.Count == 1;
        Console.WriteLine(
            $"{(isKept ? "kept" : "BROKEN")}: {Median(all[^1].Cpu):F1} ms of CPU (bound {CpuAtMost}), "
                + $"{answers.Count} different answers (bound 1)"
        );
        return isKept ? 0 : 1;
    }

    static Task<Contestant> StartAsync(string binary, int port) =>
        Contestant.StartBuildAsync(binary, port, "--netns=self", "--sampling.max-age=0s");

    /// <summary>Scrapes, and finds out whether the scrape began a search.</summary>
    static async Task MeasureAsync(Measured measured)
    {
        var (_, exporter, cpu, beginning, others, answers) = measured;
        var start = exporter.CpuTimeOf(Thread);
        var latency = (await exporter.ScrapeAsync()).TotalMilliseconds;
        await Task.Delay(BetweenScrapes);
        var search = exporter.CpuTimeOf(Thread) - start;
        if (search < Idle)
        {
            others.Add(latency);
            return;
        }

        cpu.Add(search.TotalMilliseconds);
        beginning.Add(latency);
        answers.Add(string.Join(", ", HolderRow().Matches(await exporter.PageAsync()).Select(static row => row.Value)));
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    [GeneratedRegex("^openclaw_network_pool_holder_info.*ephemeral_connect_ports.*$", RegexOptions.Multiline)]
    private static partial Regex HolderRow();

    /// <summary>A build of the exporter, and its values in milliseconds.</summary>
    /// <param name="Name">Its name in the table.</param>
    /// <param name="Exporter">The running exporter.</param>
    /// <param name="Cpu">The CPU time of each search.</param>
    /// <param name="Beginning">The time of each scrape that begins a search.</param>
    /// <param name="Others">The time of each other scrape.</param>
    /// <param name="Answers">The holders in the metrics after each search.</param>
    sealed record Measured(
        string Name,
        Contestant Exporter,
        List<double> Cpu,
        List<double> Beginning,
        List<double> Others,
        List<string> Answers
    )
    {
        public Measured(string name, Contestant exporter)
            : this(name, exporter, [], [], [], []) { }
    }
}
