using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

public class PublishedExporterTests
{
    [Fact]
    public async Task It_serves_the_metrics_of_its_namespace()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40199");
        using var exporter = await PublishedExporter.StartAsync(netns);

        var page = await exporter.ScrapeAsync();

        Assert.Contains(
            "openclaw_network_ephemeral_connect_ports_limit{netns=\"self\",protocol=\"tcp\",source=\"*\","
                + "destination=\"*\"} 200\n",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "openclaw_network_tcp_sockets{netns=\"self\",state=\"listen\"} 1\n",
            page,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(false, "[::]")]
    [InlineData(true, "0.0.0.0")]
    public async Task Without_an_address_it_serves_on_all_that_there_are(bool isWithoutIPv6, string address)
    {
        using var netns = new PrivateNamespace();
        if (isWithoutIPv6)
            NoIPv6.In(netns);

        var exporter = netns.Start(new(Repository.PublishedExporter, []) { RedirectStandardError = true });

        Assert.Contains(
            $"Listening on http://{address}:10087,",
            await exporter.StandardError.ReadLineAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        netns.Command(Repository.PublishedExporter, "healthcheck");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Root_is_told_that_it_need_not_be(bool isRoot)
    {
        using var netns = new PrivateNamespace();
        string[] somebody = isRoot ? [] : ["--reuid=65534", "--regid=65534", "--clear-groups"];
        var exporter = netns.Start(
            new(
                InstalledProgram.Find("setpriv"),
                [.. somebody, Repository.PublishedExporter, "--web.listen-address=127.0.0.1:10087", "--netns=self"]
            )
            {
                RedirectStandardError = true,
            }
        );

        // The log then has the line "Listening" and nothing yet from a scrape.
        await exporter.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        using var client = netns.HttpClient();
        await client.GetStringAsync("http://127.0.0.1:10087/metrics", TestContext.Current.CancellationToken);
        netns.Command("kill", "-TERM", $"{exporter.Id}");
        var log = await exporter.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(isRoot, log.Contains("Running as root is not necessary", StringComparison.Ordinal));
    }

    /// <summary>
    /// A sparkline needs two samples: the page's own, and an earlier one from the background. With a large maximum age
    /// there is no earlier one.
    /// </summary>
    [Theory]
    [InlineData("1s", true)]
    [InlineData("1h", false)]
    public async Task Pools_have_a_history_without_any_scrape(string maxAge, bool hasCourse)
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=" + maxAge);

        await Task.Delay(TimeSpan.FromSeconds(22), TestContext.Current.CancellationToken);
        var page = await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken);

        Assert.Equal(hasCourse, page.Contains("<polyline", StringComparison.Ordinal));
        Assert.Contains("data-pool=\"ephemeral_connect_ports\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promtool_finds_no_fault_with_its_metrics()
    {
        var promtool = InstalledProgram.Find("promtool");
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns);

        await InstalledProgram.SucceedsAsync(promtool, await exporter.ScrapeAsync(), "check", "metrics");
    }

    [Theory]
    [InlineData("> /dev/full", 74, "openclaw-exporter: cannot write the output: No space left on device\n")]
    [InlineData("| true", 141, "")]
    public async Task Output_that_cannot_be_written_has_a_code_of_its_own(string where, int code, string said)
    {
        using var netns = new PrivateNamespace();
        var shell = netns.Start(
            new(
                InstalledProgram.Find("bash"),
                ["-c", $"{Repository.PublishedExporter} diagnose --observe=0s {where}; exit ${{PIPESTATUS[0]}}"]
            )
            {
                RedirectStandardError = true,
            }
        );
        var errors = await shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((code, said), (shell.ExitCode, errors));
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2> /dev/full")]
    public async Task A_message_that_cannot_be_written_keeps_the_exit_code(string where)
    {
        using var netns = new PrivateNamespace();
        var shell = netns.Start(
            new(InstalledProgram.Find("bash"), ["-c", $"{Repository.PublishedExporter} no-such-command {where}"])
        );

        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(64, shell.ExitCode);
    }

    [Theory]
    [InlineData("127.0.0.1:9999", "address already in use")]
    [InlineData("192.0.2.1:9999", "Cannot assign requested address")]
    public async Task An_address_that_cannot_be_had_is_one_line(string address, string reason)
    {
        using var netns = new PrivateNamespace();
        using var taken = netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 9999));
        taken.Listen();

        var exporter = netns.Start(
            new(Repository.PublishedExporter, [$"--web.listen-address={address}"]) { RedirectStandardError = true }
        );
        var errors = await exporter.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await exporter.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(69, exporter.ExitCode);
        Assert.Contains(
            reason,
            Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.OrdinalIgnoreCase
        );
    }
}
