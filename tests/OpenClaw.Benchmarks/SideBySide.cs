namespace OpenClaw.Benchmarks;

/// <summary>
/// Compares the exporter, node_exporter and process-exporter, scraped in turn, on machines with more and more
/// processes and sockets.
/// </summary>
static class SideBySide
{
    const double CpuRatioAtMost = 0.3;
    const double GrowthAtMost = 8;
    const int Rounds = 9;
    const int ListingRuns = 9;

    /// <summary>
    /// The number of scrapes before memory is compared, equal on every machine. Memory grows during the first hundred.
    /// </summary>
    const int ScrapesForMemory = 100;

    static readonly Machine[] Machines =
    [
        new("quiet, 90 processes", 80, 0, 40),
        new("5,000 processes", 5_000, 0, 15),
        new("2,000 sockets", 80, 2_000, 40),
        new("20,000 sockets", 80, 20_000, 20),
        new("200,000 sockets", 80, 200_000, 5),
    ];

    /// <summary>Prints the tables; returns 1 when a bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        using var holder = new SocketHolder();
        using var idle = new IdleProcesses();
        using var folder = new TemporaryFolder();
        var groups = folder.Write("process.yml", "process_names:\n  - name: '{{.Comm}}'\n    cmdline: ['.+']\n");
        var results = new List<MachineResult>();
        foreach (var machine in Machines)
        {
            idle.HoldTotal(machine.Processes);
            holder.HoldTotal(machine.Sockets);
            var result = new MachineResult(machine.Name);
            for (var round = 1; round <= Rounds; round++)
                await RunAsync(result, machine.Scrapes, groups, withMemory: round == Rounds);
            result.Listing = await SocketListing.MeasureAsync(ListingRuns);
            Console.WriteLine(result.Table());
            results.Add(result);
        }

        MeasuredCost.Publish(results);
        var most = results[^1];
        var cpuRatio = most.Ours.Cpu / most.NodeExporter.Cpu;
        var growth = most.Ours.PeakMegabytes - results[2].Ours.PeakMegabytes;
        var kept = cpuRatio < CpuRatioAtMost && growth <= GrowthAtMost;
        Console.WriteLine(
            $"\n{(kept ? "kept" : "BROKEN")}: with {most.Name} {cpuRatio:F2} of "
                + $"node_exporter's CPU (bound {CpuRatioAtMost}), "
                + $"peak memory {growth:+0.0;-0.0} MB against {results[2].Name} (bound +{GrowthAtMost})"
        );
        return kept ? 0 : 1;
    }

    /// <summary>
    /// Runs one round with fresh processes. They are scraped in turn, so that a busy moment of the machine hits all.
    /// </summary>
    static async Task RunAsync(MachineResult result, int scrapes, string groups, bool withMemory)
    {
        using var ours = await Contestant.StartOursAsync();
        using var node = await Contestant.StartNodeExporterAsync();
        using var process = await Contestant.StartProcessExporterAsync(groups);
        (Contestant Exporter, Measures Measures)[] all =
        [
            (ours, result.Ours),
            (node, result.NodeExporter),
            (process, result.ProcessExporter),
        ];
        var before = all.Select(static one => one.Exporter.CpuTime()).ToArray();
        for (var i = 0; i < scrapes; i++)
        {
            foreach (var (exporter, measures) in all)
                measures.Latencies.Add(await exporter.ScrapeAsync());
        }

        foreach (var ((exporter, measures), cpu) in all.Zip(before))
        {
            measures.StartUps.Add(exporter.StartUp);
            measures.CpuTimes.Add((exporter.CpuTime() - cpu) / scrapes);
        }

        if (!withMemory)
            return;
        for (var i = scrapes; i < ScrapesForMemory; i++)
        {
            await ours.ScrapeAsync();
            await node.ScrapeAsync();
        }

        foreach (var (exporter, measures) in all)
            measures.TakeMemory(exporter);
    }

    /// <summary>A kind of machine.</summary>
    /// <param name="Name">Its name in the table.</param>
    /// <param name="Processes">The number of idle processes.</param>
    /// <param name="Sockets">The number of sockets, at least those of the machine before it.</param>
    /// <param name="Scrapes">The number of scrapes in a round.</param>
    sealed record Machine(string Name, int Processes, int Sockets, int Scrapes);
}
