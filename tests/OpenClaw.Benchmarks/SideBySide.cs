namespace OpenClaw.Benchmarks;

/// <summary>Compares the exporter and node_exporter, scraped in turn, at a growing number of sockets.</summary>
static class SideBySide
{
    const double CpuRatioAtMost = 0.6;
    const double GrowthAtMost = 8;
    const int Rounds = 3;

    /// <summary>
    /// The number of scrapes before memory is compared, equal at every number of sockets. Memory grows during the first
    /// hundred.
    /// </summary>
    const int ScrapesForMemory = 100;

    static readonly (int Sockets, int Scrapes)[] Levels = [(0, 100), (2_000, 100), (20_000, 50), (200_000, 15)];

    /// <summary>Prints the table; returns 1 when a bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        Console.WriteLine("sockets  measure                      ours  node_exporter  ratio");
        using var holder = new SocketHolder();
        var results = new Dictionary<int, (Measures Ours, Measures Theirs)>();
        foreach (var (sockets, scrapes) in Levels)
        {
            holder.HoldTotal(sockets);
            var (ours, theirs) = results[sockets] = (new(), new());
            for (var round = 1; round <= Rounds; round++)
                await RunAsync(ours, theirs, scrapes, withMemory: round == Rounds);
            var label = $"{sockets:N0}";
            foreach (var ((name, our), (_, their)) in ours.Rows().Zip(theirs.Rows()))
            {
                Console.WriteLine($"{label, 7}  {name, -22}  {our, 9:F2}  {their, 13:F2}  {our / their, 5:F2}");
                label = "";
            }
        }

        var (most, mostTheirs) = results[Levels[^1].Sockets];
        var cpuRatio = most.Cpu / mostTheirs.Cpu;
        var growth = most.PeakMegabytes - results[Levels[1].Sockets].Ours.PeakMegabytes;
        var kept = cpuRatio < CpuRatioAtMost && growth <= GrowthAtMost;
        Console.WriteLine(
            $"\n{(kept ? "kept" : "BROKEN")}: at {Levels[^1].Sockets:N0} sockets {cpuRatio:F2} of "
                + $"node_exporter's CPU (bound {CpuRatioAtMost}), "
                + $"peak memory {growth:+0.0;-0.0} MB against {Levels[1].Sockets:N0} sockets (bound +{GrowthAtMost})"
        );
        return kept ? 0 : 1;
    }

    /// <summary>
    /// Runs one round with fresh processes. They are scraped in turn, so that a busy moment of the machine hits both.
    /// </summary>
    static async Task RunAsync(Measures ours, Measures theirs, int scrapes, bool withMemory)
    {
        using var our = await Contestant.StartOursAsync();
        using var their = await Contestant.StartTheirsAsync();
        ours.StartUps.Add(our.StartUp);
        theirs.StartUps.Add(their.StartUp);
        var (ourCpu, theirCpu) = (our.CpuTime(), their.CpuTime());
        for (var i = 0; i < scrapes; i++)
        {
            ours.Latencies.Add(await our.ScrapeAsync());
            theirs.Latencies.Add(await their.ScrapeAsync());
        }

        ours.CpuTimes.Add((our.CpuTime() - ourCpu) / scrapes);
        theirs.CpuTimes.Add((their.CpuTime() - theirCpu) / scrapes);
        if (!withMemory)
            return;
        for (var i = scrapes; i < ScrapesForMemory; i++)
        {
            await our.ScrapeAsync();
            await their.ScrapeAsync();
        }

        ours.TakeMemory(our);
        theirs.TakeMemory(their);
    }
}
