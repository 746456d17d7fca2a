using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace OpenClaw.KernelTests;

/// <summary>Clients take all that they can, while a scraper elsewhere and a health check need an answer.</summary>
public class CrowdedDoorTests(ITestOutputHelper output)
{
    const int Answers = 100;
    static readonly IPAddress Scraper = IPAddress.Parse("127.0.0.9");

    [Fact]
    public async Task Sixty_clients_that_do_not_read_keep_nobody_out()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => "");
        exporter.Netns.Sysctl("net.ipv4.tcp_wmem", "4096 16384 16384");
        using var crowd = new Crowd(exporter.Netns, 60, request: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 50);

        await AssertAllAnsweredAsync(exporter);

        Assert.InRange(ResidentBytes(exporter.Process), 0, 64 << 20);
    }

    [Fact]
    public async Task Idle_connections_at_the_limit_make_room()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => "");
        using var crowd = new Crowd(exporter.Netns, 512, request: "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", count: 1);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        await AssertAllAnsweredAsync(exporter);

        // One line a minute, and all of them counted.
        Assert.Equal(1, exporter.Log.Split("All connections are taken").Length - 1);
        using var client = exporter.Client();
        var metrics = await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("exporter_refused_clients_total{reason=\"evicted\"}", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Idle_and_slow_clients_together_keep_nobody_out()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => "");
        exporter.Netns.Sysctl("net.ipv4.tcp_wmem", "4096 16384 16384");
        using var idle = new Crowd(exporter.Netns, 512, request: "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", count: 1);
        using var slow = new Crowd(exporter.Netns, 60, request: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 50);

        await AssertAllAnsweredAsync(exporter);

        exporter.Netns.Command(
            Repository.PublishedExporter,
            "healthcheck",
            $"--web.listen-address={GuardedExporter.Endpoint}"
        );
    }

    /// <summary>A client that takes all connections may keep itself out, never the health check.</summary>
    [Fact]
    public async Task The_health_check_passes_clients_that_take_every_connection()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => "");
        exporter.Netns.Sysctl("net.ipv4.tcp_wmem", "4096 16384 16384");
        using var slow = new Crowd(exporter.Netns, 512, request: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 50);

        for (var i = 0; i < Answers / 10; i++)
        {
            exporter.Netns.Command(
                Repository.PublishedExporter,
                "healthcheck",
                $"--web.listen-address={GuardedExporter.Endpoint}"
            );
        }

        Assert.InRange(ResidentBytes(exporter.Process), 0, 128 << 20);
    }

    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\n", 1)]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 50)]
    public async Task Half_requests_and_slow_readers_do_not_delay_the_end(string request, int count)
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => "");
        exporter.Netns.Sysctl("net.ipv4.tcp_wmem", "4096 16384 16384");
        using var crowd = new Crowd(exporter.Netns, 20, request, count);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        await AssertEndsAsync(exporter.Netns, exporter.Process);
    }

    /// <summary>The exporter's standard error is a full pipe that nobody reads.</summary>
    [Fact]
    public async Task A_log_that_nobody_reads_stops_nothing()
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        var pipe = folder.PathOf("log");
        netns.Command(InstalledProgram.Find("mkfifo"), pipe);
        using var unread = File.OpenHandle(pipe, FileMode.Open, FileAccess.ReadWrite);
        Fill(pipe);
        var address = GuardedExporter.Endpoint.ToString();
        var process = netns.Start(
            new(
                "sh",
                [
                    "-c",
                    "exec \"$0\" --web.listen-address=$1 --netns=self 2> $2",
                    Repository.PublishedExporter,
                    address,
                    pipe,
                ]
            )
        );
        using var client = netns.HttpClient();
        client.Timeout = TimeSpan.FromSeconds(10);
        client.BaseAddress = new($"http://{address}");
        await Polling.UntilAsync("it serves", async () =>
        {
            try
            {
                return await GuardedExporter.AskAsync(client, "/healthz") == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });

        // Each connection above the limit is worth a line.
        using (new Crowd(netns, 512 + 2000, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", count: 1))
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/healthz"));
        Assert.Contains(
            "exporter_dropped_log_lines_total",
            await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );

        await AssertEndsAsync(netns, process);
    }

    [Theory]
    [InlineData("attacker.example", "Sec-Fetch-Site", "same-origin", HttpStatusCode.MisdirectedRequest)]
    [InlineData("attacker.example", "User-Agent", "Mozilla/5.0 (X11)", HttpStatusCode.MisdirectedRequest)]
    [InlineData("attacker.example", "User-Agent", "Prometheus/3.5.0", HttpStatusCode.OK)]
    [InlineData("metrics.example", "Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    [InlineData("localhost:10087", "Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:10087", "Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    [InlineData("[::1]:10087", "Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    public async Task A_browser_may_not_use_a_foreign_name(
        string host,
        string header,
        string value,
        HttpStatusCode expected
    )
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => "", "--web.allowed-hosts=metrics.example");
        using var client = exporter.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Host = host;
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, answer.StatusCode);
    }

    /// <summary>Asserts that every request of a scraper and of a health check is answered.</summary>
    async Task AssertAllAnsweredAsync(GuardedExporter exporter)
    {
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < Answers; i++)
        {
            foreach (
                var (path, source) in ((string, IPAddress)[])
                    [("/metrics", Scraper), ("/healthz", Scraper), ("/healthz", IPAddress.Loopback)]
            )
            {
                using var client = exporter.Netns.HttpClient(source: source);
                client.BaseAddress = new($"http://{GuardedExporter.Endpoint}");
                client.Timeout = TimeSpan.FromSeconds(10);
                var asking = Stopwatch.StartNew();
                Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, path));
                slowest = asking.Elapsed > slowest ? asking.Elapsed : slowest;
            }
        }

        output.WriteLine($"slowest answer {slowest.TotalMilliseconds} ms");
    }

    static async Task AssertEndsAsync(PrivateNamespace netns, Process process)
    {
        var ending = Stopwatch.StartNew();
        netns.Command("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.InRange(ending.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2.5));
        Assert.Equal(0, process.ExitCode);
    }

    static long ResidentBytes(Process process)
    {
        process.Refresh();
        return process.WorkingSet64;
    }

    /// <summary>Fills a pipe, so that the next write waits.</summary>
    static void Fill(string pipe)
    {
        using var filler = ChildProcess.Start(
            new(InstalledProgram.Find("timeout"), ["0.5", "dd", "if=/dev/zero", $"of={pipe}", "bs=4096", "count=1000"])
            {
                RedirectStandardError = true,
            }
        );
        filler.WaitForExit();
    }
}
