using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>
/// A file of the running kernel that does not answer: a FIFO without a writer is mounted over it. The exporter has one
/// CPU.
/// </summary>
[Collection(WholeMachine.Name)]
public class HungFileTests(ITestOutputHelper output)
{
    const int Requests = 500;

    /// <summary>The time by which the slowest answers may be later. The machine itself may be busy.</summary>
    static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(5);

    static string[] OneCpu => [InstalledProgram.Find("taskset"), "--cpu-list", "0"];

    [Fact]
    public async Task It_costs_the_readers_of_that_file_and_healthz_does_not_notice()
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        using var other = new PrivateNamespace();
        using var whole = await PublishedExporter.StartBehindAsync(other, OneCpu);
        using var exporter = await StartAsync(netns, folder, "/proc/sys/net/ipv4/ip_local_port_range");

        Assert.Equal(["ephemeral_port_settings", "persisted_sysctls"], TimedOut(await ScrapeAsync(exporter)));

        var usual = await SlowestHealthzAsync(whole);
        var hung = await SlowestHealthzAsync(exporter);
        output.WriteLine($"p99 {usual.TotalMilliseconds} ms without the file, {hung.TotalMilliseconds} ms with it");
        Assert.True(hung - usual < Quick, $"p99 {usual.TotalMilliseconds} and {hung.TotalMilliseconds} ms");
    }

    /// <summary>
    /// Returns the time within which 99 of 100 requests are answered while there is always a scrape in progress.
    /// </summary>
    static async Task<TimeSpan> SlowestHealthzAsync(PublishedExporter exporter)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var scrapes = ScrapeUntilAsync(enough.Token);
        var waited = new List<TimeSpan>();
        for (var i = 0; i < Requests; i++)
        {
            var start = Stopwatch.GetTimestamp();
            _ = await exporter.Client.GetStringAsync("/healthz", TestContext.Current.CancellationToken);
            waited.Add(Stopwatch.GetElapsedTime(start));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TestContext.Current.CancellationToken);
        }

        await enough.CancelAsync();
        await scrapes;
        waited.Sort();
        return waited[Requests * 99 / 100];

        async Task ScrapeUntilAsync(CancellationToken enough)
        {
            while (!enough.IsCancellationRequested)
                _ = await ScrapeAsync(exporter);
        }
    }

    /// <summary>A process whose memory map is locked does not show its command line.</summary>
    [Fact]
    public async Task A_process_that_does_not_answer_costs_only_the_readers_of_processes()
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        var process = netns.Start(new("sleep", "600"));
        var file = string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/cmdline");
        using var exporter = await StartAsync(netns, folder, file);

        var lost = TimedOut(await ScrapeAsync(exporter));

        Assert.Contains("processes", lost);
        Assert.DoesNotContain("tcp_sockets", lost);
        Assert.DoesNotContain("sockstat", lost);
        Assert.DoesNotContain("conntrack", lost);
    }

    static Task<PublishedExporter> StartAsync(PrivateNamespace netns, TemporaryFolder folder, string file)
    {
        var fifo = Path.Combine(folder.PathOf(""), "fifo");
        netns.Command(InstalledProgram.Find("mkfifo"), fifo);
        return PublishedExporter.StartBehindAsync(
            netns,
            [
                .. OneCpu,
                InstalledProgram.Find("unshare"),
                "--mount",
                "sh",
                "-c",
                $"mount --bind {fifo} {file} && exec \"$0\" \"$@\"",
            ]
        );
    }

    static async Task<string> ScrapeAsync(PublishedExporter exporter)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("X-Prometheus-Scrape-Timeout-Seconds", "4");
        using var response = await exporter.Client.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    static IEnumerable<string> TimedOut(string metrics) =>
        from series in Series.Parse(metrics)
        where series is { Name: "openclaw_network_reader_absence" } && series.Labels["reason"] == "timed_out"
        orderby series.Labels["reader"]
        select series.Labels["reader"];
}
