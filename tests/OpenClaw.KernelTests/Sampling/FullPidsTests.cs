using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace OpenClaw.KernelTests;

/// <summary>A pids cgroup in which no further thread can be started.</summary>
public sealed class FullPidsTests(ITestOutputHelper output) : IDisposable
{
    const int Scrapes = 100;

    /// <summary>The spacing of scrapes: together longer than an idle worker of the runtime lives by default.</summary>
    static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(300);

    readonly ControllerCgroup _cgroup = new("pids");

    public void Dispose() => _cgroup.Dispose();

    [Fact]
    public async Task Every_scrape_is_answered_although_no_thread_can_be_started()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await StartWithoutFurtherThreadsAsync(netns);

        for (var i = 0; i < Scrapes; i++)
        {
            // Eight at once want more workers than one.
            var answers = await Task.WhenAll(
                Enumerable
                    .Range(0, i % 10 == 0 ? 8 : 1)
                    .Select(_ => exporter.Client.GetAsync("/metrics", TestContext.Current.CancellationToken))
            );
            foreach (var answer in answers)
            {
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                answer.Dispose();
            }

            await Task.Delay(Spacing, TestContext.Current.CancellationToken);
        }

        Assert.False(exporter.Process.HasExited);
        _cgroup.Write("pids.max", "max");
        exporter.Process.Kill();
        await exporter.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\n", 1)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 50)]
    public async Task It_ends_in_order_although_no_thread_can_be_started(string request, int count)
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.tcp_wmem", "4096 16384 16384");
        using var exporter = await StartWithoutFurtherThreadsAsync(netns);
        using var crowd = new Crowd(netns, 20, request, count);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        var ending = Stopwatch.StartNew();
        netns.Command("kill", "-TERM", exporter.Process.Id.ToString(CultureInfo.InvariantCulture));
        await exporter.Process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, exporter.Process.ExitCode);
        Assert.InRange(ending.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        output.WriteLine($"ended after {ending.Elapsed.TotalMilliseconds:F0} ms");
    }

    /// <summary>Starts the exporter, and then fills the cgroup.</summary>
    async Task<PublishedExporter> StartWithoutFurtherThreadsAsync(PrivateNamespace netns)
    {
        var exporter = await PublishedExporter.StartBehindAsync(netns, _cgroup.Prefix, "--sampling.max-age=0s");
        _ = await exporter.ScrapeAsync();
        _cgroup.Write("pids.max", _cgroup.Read("pids.current"));
        return exporter;
    }
}
