namespace OpenClaw.KernelTests;

/// <summary>The samples that Prometheus stored before, during and after a shortage.</summary>
/// <param name="Before">The last samples before.</param>
/// <param name="Lasting">The samples during the shortage, over the connection that was open before.</param>
/// <param name="LastingAgain">The samples during the shortage, over a connection that was opened meanwhile.</param>
/// <param name="After">The samples after.</param>
/// <param name="Processors">The share of one CPU that the exporter took during the shortage.</param>
/// <param name="Recovery">The time until everything was read again.</param>
/// <param name="End">The time from SIGTERM, during the shortage, to the end of the process.</param>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Logs">The lines of Prometheus about scrapes that failed, and the log of the exporter.</param>
sealed record SeenShortage(
    IReadOnlyList<StoredSample> Before,
    IReadOnlyList<StoredSample> Lasting,
    IReadOnlyList<StoredSample> LastingAgain,
    IReadOnlyList<StoredSample> After,
    double Processors,
    TimeSpan Recovery,
    TimeSpan End,
    int ExitCode,
    string Logs
)
{
    /// <summary>Values that follow what the exporter itself, or the test, could do.</summary>
    static readonly string[] Own =
    [
        "up",
        "openclaw_network_reader_success",
        "openclaw_network_probe_success",
        "openclaw_network_sysctl_persisted",
        // Each CPU reserves some in advance, so that a little may be none.
        "openclaw_network_tcp_memory_bytes",
    ];

    /// <summary>The numbers of established connections.</summary>
    public IEnumerable<double> Established =>
        from sample in Lasting
        where sample.Name == "openclaw_network_tcp_sockets" && sample.Labels["state"] == "established"
        select sample.Value;

    /// <summary>The duration of the slowest scrape.</summary>
    public double SlowestSeconds => Lasting.Named("scrape_duration_seconds").DefaultIfEmpty().Max();

    /// <summary>Returns the series that were 0 in a scrape, and had a number before and after.</summary>
    public IEnumerable<string> MadeUp() =>
        Lasting
            .Where(static sample => sample.Value == 0 && !Own.Contains(sample.Name))
            .Select(static sample => sample.Series)
            .Intersect(Before.Numbers().Intersect(After.Numbers()))
            .Except(
                Before.Concat(After).Where(static sample => sample.Value == 0).Select(static sample => sample.Series)
            );
}

/// <summary>Searches in samples.</summary>
static class StoredSamples
{
    /// <summary>Returns the values of a metric.</summary>
    public static IEnumerable<double> Named(this IEnumerable<StoredSample> samples, string name) =>
        samples.Where(sample => sample.Name == name).Select(static sample => sample.Value);

    /// <summary>Returns the highest utilisation of a pool; 0 without one.</summary>
    public static double Fullest(this IEnumerable<StoredSample> samples, string pool) =>
        samples
            .Where(sample => sample.Name == "openclaw_network_pool_utilization_ratio" && sample.Labels["pool"] == pool)
            .Select(static sample => sample.Value)
            .DefaultIfEmpty()
            .Max();

    /// <summary>Returns the series that are not 0.</summary>
    public static IEnumerable<string> Numbers(this IEnumerable<StoredSample> samples) =>
        samples.Where(static sample => sample.Value != 0).Select(static sample => sample.Series);

    /// <summary>Returns the failed readers with their reasons.</summary>
    public static IEnumerable<string> Absences(this IEnumerable<StoredSample> samples) =>
        samples
            .Where(static sample => sample.Name == "openclaw_network_reader_absence")
            .Select(static sample => sample.Series)
            .Distinct();
}
