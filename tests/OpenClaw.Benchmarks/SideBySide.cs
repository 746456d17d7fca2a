namespace OpenClaw.Benchmarks;

/// <summary>The exporter and node_exporter in turn, at a growing number of sockets.</summary>
static class SideBySide
{
    const double CpuRatioAtMost = 0.6;
    const double GrowthAtMost = 8;
    const int StartUps = 5;

    static readonly (int Sockets, int Scrapes)[] Levels = [(0, 200), (2_000, 200), (20_000, 100), (200_000, 20)];

    static Task<Contestant> StartOursAsync() => Contestant.StartAsync(Repository.PublishedExporter, 9801, "--sampling.max-age=0s");

    static Task<Contestant> StartTheirsAsync() => Contestant.StartAsync(
        "prometheus-node-exporter", 9802, "--collector.disable-defaults", "--collector.tcpstat", "--collector.sockstat", "--collector.netstat",
        "--collector.conntrack", "--collector.filefd", "--collector.arp");

    /// <summary>Prints the table; 1 when a bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        await PrintStartUpAsync();
        Console.WriteLine();
        Console.WriteLine("sockets    CPU ms/scrape ours  theirs  ratio   p50 ms ours  theirs  ratio   p99 ms ours  theirs   peak RSS MB ours  theirs  ratio");
        using var holder = new SocketHolder();
        var peaks = new Dictionary<int, double>();
        var cpuRatio = 0.0;
        foreach (var (sockets, scrapes) in Levels)
        {
            holder.HoldTotal(sockets);
            using var ours = await StartOursAsync();
            using var theirs = await StartTheirsAsync();
            var (our, their) = await MeasureAsync(ours, theirs, scrapes);
            cpuRatio = our.CpuMilliseconds / their.CpuMilliseconds;
            peaks[sockets] = our.PeakMegabytes;
            Console.WriteLine($"{sockets,7:N0}  {our.CpuMilliseconds,17:F2}  {their.CpuMilliseconds,6:F2}  {cpuRatio,5:F2}"
                + $"  {our.Median,12:F2}  {their.Median,6:F2}  {our.Median / their.Median,5:F2}  {our.Percentile99,12:F2}  {their.Percentile99,6:F2}"
                + $"  {our.PeakMegabytes,17:F1}  {their.PeakMegabytes,6:F1}  {our.PeakMegabytes / their.PeakMegabytes,5:F2}");
        }

        var growth = peaks[Levels[^1].Sockets] - peaks[Levels[1].Sockets];
        var kept = cpuRatio < CpuRatioAtMost && growth < GrowthAtMost;
        Console.WriteLine($"\n{(kept ? "kept" : "BROKEN")}: at {Levels[^1].Sockets:N0} sockets {cpuRatio:F2} of node_exporter's CPU (bound {CpuRatioAtMost}), "
            + $"{growth:F1} MB more than at {Levels[1].Sockets:N0} (bound {GrowthAtMost})");
        return kept ? 0 : 1;
    }

    static async Task PrintStartUpAsync()
    {
        var ours = new List<double>();
        var theirs = new List<double>();
        for (var i = 0; i < StartUps; i++)
        {
            using var our = await StartOursAsync();
            using var their = await StartTheirsAsync();
            ours.Add(our.StartUp.TotalMilliseconds);
            theirs.Add(their.StartUp.TotalMilliseconds);
        }

        var (median, their50) = (Percentile(ours, 50), Percentile(theirs, 50));
        Console.WriteLine($"start to first scrape: ours {median:F0} ms, theirs {their50:F0} ms, ratio {median / their50:F2}");
    }

    /// <summary>In turn, so that a busy moment of the machine hits both.</summary>
    static async Task<(Result Ours, Result Theirs)> MeasureAsync(Contestant ours, Contestant theirs, int scrapes)
    {
        var (ourCpu, theirCpu) = (ours.CpuTime(), theirs.CpuTime());
        var ourTimes = new List<double>();
        var theirTimes = new List<double>();
        for (var i = 0; i < scrapes; i++)
        {
            ourTimes.Add((await ours.ScrapeAsync()).TotalMilliseconds);
            theirTimes.Add((await theirs.ScrapeAsync()).TotalMilliseconds);
        }

        return (Result.Of(ours, ours.CpuTime() - ourCpu, ourTimes), Result.Of(theirs, theirs.CpuTime() - theirCpu, theirTimes));
    }

    static double Percentile(List<double> values, int percent) => values.Order().ElementAt((values.Count - 1) * percent / 100);

    sealed record Result(double CpuMilliseconds, double Median, double Percentile99, double PeakMegabytes)
    {
        public static Result Of(Contestant contestant, TimeSpan cpu, List<double> times) => new(
            cpu.TotalMilliseconds / times.Count, Percentile(times, 50), Percentile(times, 99), contestant.Megabytes("VmHWM"));
    }
}
