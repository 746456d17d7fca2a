using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>Network namespaces with the same trouble are one problem, in every output.</summary>
public class SameTroubleTests
{
    const int LinesAtMost = 40;
    const int PixelsAtMost = 1600;
    const int LinesOfOneAtMost = 15;

    /// <summary>Uses every port towards itself, and then waits.</summary>
    const string Exhaust = """
        use Socket; my $to = sockaddr_in(8080, INADDR_LOOPBACK); my @held; $| = 1;
        sub made { socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!; push @held, $s; return $s }
        my $listener = made(); bind($listener, $to) or die $!; listen($listener, 4096) or die $!;
        while (1) { connect(made(), $to) or last } print "full\n"; sleep 600;
        """;

    [Theory]
    [InlineData(1, LinesOfOneAtMost)]
    [InlineData(7, LinesAtMost)]
    public async Task They_are_one_problem(int namespaces, int linesAtMost)
    {
        using var netns = new PrivateNamespace();
        var beside = PrivateProcesses.Start(netns);
        Command("mkdir -p /run/netns && mount -t tmpfs none /run/netns");
        for (var i = 0; i < namespaces; i++)
            await ExhaustAsync();

        using var json = JsonDocument.Parse(await DiagnoseAsync("--format=json"));
        var problem = Assert.Single(json.RootElement.GetProperty("problems").EnumerateArray());
        Assert.Equal("ephemeral_connect_ports", problem.GetProperty("pool").GetString());
        Assert.Equal("failing", problem.GetProperty("phase").GetString());

        var text = await DiagnoseAsync();
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var start = Array.FindIndex(lines, static line => line.StartsWith("CRITICAL ", StringComparison.Ordinal));
        Assert.Single(lines, static line => line.StartsWith("CRITICAL ", StringComparison.Ordinal));
        Assert.True((namespaces == 1 ? lines.Length - start : lines.Length) <= linesAtMost, text);

        using var exporter = await PublishedExporter.StartBehindAsync(netns, beside, Flags);
        _ = await exporter.ScrapeAsync();
        using var relay = new NamespaceRelay(netns, PublishedExporter.Port);
        await using var chromium = await Chromium.LaunchAsync();
        var page = await chromium.Browser.NewPageAsync(
            new()
            {
                ViewportSize = new() { Width = 1280, Height = 800 },
            }
        );
        await page.GotoAsync(relay.Address);
        await page.ScreenshotAsync(
            new()
            {
                Path = Repository.PathOf($"artifacts/screenshots/status-{namespaces}-namespaces.png"),
                FullPage = true,
            }
        );
        var height = await page.EvaluateAsync<int>("document.documentElement.scrollHeight");
        Assert.Equal(1, await page.Locator("section.problem.critical").CountAsync());
        Assert.InRange(height, 100, PixelsAtMost);

        // A list that is open stays open when the page refreshes.
        await page.ClickAsync("summary");
        var shown = await page.GetAttributeAsync("time", "datetime");
        await Polling.UntilAsync("the page refreshes", async () =>
            await page.GetAttributeAsync("time", "datetime") != shown
        );
        Assert.Equal(1, await page.Locator("details[open]").CountAsync());

        void Command(string command) => netns.Command(beside[0], [.. beside.Skip(1), "bash", "-c", command]);

        async Task ExhaustAsync()
        {
            var holder = netns.Start(
                new(
                    beside[0],
                    [
                        .. beside.Skip(1),
                        "unshare",
                        "--net",
                        "bash",
                        "-c",
                        "ip link set lo up && sysctl -qw net.ipv4.ip_local_port_range='40000 40199' && exec perl -e "
                            + $"'{Exhaust}'",
                    ]
                )
                {
                    RedirectStandardOutput = true,
                }
            );
            Assert.Equal("full", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        }

        async Task<string> DiagnoseAsync(params string[] flags)
        {
            var process = netns.Start(
                new(beside[0], [.. beside.Skip(1), Repository.PublishedExporter, "diagnose", .. Flags, .. flags])
                {
                    RedirectStandardOutput = true,
                }
            );
            var printed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(2, process.ExitCode);
            return printed;
        }
    }

    static string[] Flags => ["--netns=all", "--no-probe", "--no-collector.kernel_log", "--no-collector.softnet"];
}
