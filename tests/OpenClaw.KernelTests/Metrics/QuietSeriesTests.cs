namespace OpenClaw.KernelTests;

/// <summary>The number of series on a real machine where nothing happens.</summary>
public class QuietSeriesTests(ITestOutputHelper output)
{
    const int SeriesAtMost = 150;
    const int Processes = 90;

    /// <summary>
    /// As beside a service: a network and a process namespace of its own. The kernel log is the whole machine's, in
    /// which other tests leave events.
    /// </summary>
    [Fact]
    public async Task Among_90_processes_there_are_at_most_150()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartBehindAsync(
            netns,
            [
                .. PrivateProcesses.First,
                "sh",
                "-c",
                $"for i in $(seq {Processes}); do sleep 600 & done; exec \"$0\" \"$@\"",
            ],
            "--no-collector.kernel_log",
            "--sampling.max-age=0s"
        );
        _ = await exporter.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        var page = await exporter.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        var series = page.Split('\n').Where(static line => line.Length > 0 && line[0] != '#').ToList();
        output.WriteLine($"{series.Count} series");
        Assert.Contains(series, static line => line.StartsWith("openclaw_network_process_", StringComparison.Ordinal));

        // The reader of the kernel log would have one.
        Assert.InRange(series.Count, 100, SeriesAtMost - 1);
    }
}
