namespace OpenClaw.Benchmarks;

/// <summary>Measurements of one exporter on one kind of machine, over several rounds.</summary>
sealed class Measures
{
    /// <summary>The CPU time of a scrape, one value per round.</summary>
    public List<TimeSpan> CpuTimes { get; } = [];

    /// <summary>The time that each scrape took.</summary>
    public List<TimeSpan> Latencies { get; } = [];

    /// <summary>The times from the start of the process to the end of its first scrape, one per round.</summary>
    public List<TimeSpan> StartUps { get; } = [];

    /// <summary>Resident memory at the end.</summary>
    public double ResidentMegabytes { get; private set; }

    /// <summary>The peak of resident memory.</summary>
    public double PeakMegabytes { get; private set; }

    /// <summary>The number of threads at the end.</summary>
    public int Threads { get; private set; }

    /// <summary>CPU milliseconds per scrape, the median of the rounds.</summary>
    public double Cpu => Percentile(CpuTimes, 50);

    /// <summary>Milliseconds from the start to the end of the first scrape, the median of the rounds.</summary>
    public double StartUp => Percentile(StartUps, 50);

    public void TakeMemory(Contestant contestant) =>
        (ResidentMegabytes, PeakMegabytes, Threads) = (
            contestant.Megabytes("VmRSS"),
            contestant.Megabytes("VmHWM"),
            contestant.Threads
        );

    /// <summary>The rows of the table.</summary>
    public IEnumerable<(string Name, double Value)> Rows() =>
        [
            ("CPU, ms a scrape", Cpu),
            ("latency p50, ms", Percentile(Latencies, 50)),
            ("latency p99, ms", Percentile(Latencies, 99)),
            ("memory after, MB", ResidentMegabytes),
            ("peak memory, MB", PeakMegabytes),
            ("threads", Threads),
            ("start to scrape, ms", StartUp),
        ];

    /// <summary>Returns a percentile in milliseconds.</summary>
    public static double Percentile(List<TimeSpan> values, int percent) =>
        values.Order().ElementAt((values.Count - 1) * percent / 100).TotalMilliseconds;
}
