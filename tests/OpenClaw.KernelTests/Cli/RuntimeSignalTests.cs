using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OpenClaw.KernelTests;

public class RuntimeSignalTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    [Provokes("clw_errors_total")]
    public async Task The_published_exporter_shows_the_log_the_status_and_the_Gateway()
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        var log = folder.Write("openclaw.log", "Error Code: clw-port-conflict\n");
        var status = folder.Write(
            "status",
            "[OpenClaw Status]\nRuntime: healthy\nVersion: 1.2 \"x\\y\"\nContainers Running: 5\n"
        );
        using var gateway = netns.Run(static () =>
        {
            var listener = new TcpListener(IPAddress.Loopback, 18789);
            listener.Start();
            return listener;
        });
        _ = AnswerAsync(gateway, TestContext.Current.CancellationToken);
        using var exporter = await PublishedExporter.StartAsync(
            netns,
            $"--openclaw.log={log}",
            $"--openclaw.status-command=cat {status}",
            "--openclaw.health-url=http://127.0.0.1:18789/health",
            "--sampling.max-age=0s"
        );
        await File.AppendAllTextAsync(
            log,
            "[OpenClaw Error] Operation failed\nError Code: clw-network-exhausted\n"
                + "{\"message\":\"ENOSPC: System limit for number of file watchers reached, watch '/a'\"}\n",
            TestContext.Current.CancellationToken
        );

        var page = await AnsweredAsync(
            exporter,
            "openclaw_network_runtime_healthy ",
            "openclaw_network_gateway_healthy "
        );

        foreach (
            var line in new[]
            {
                "openclaw_network_clw_errors_total{code=\"clw-network-exhausted\"} 1",
                "openclaw_network_clw_errors_total{code=\"clw-port-conflict\"} 0",
                "openclaw_network_clw_errors_total{code=\"clw-resource-limit\"} 1",
                "openclaw_network_log_errors_total{errno=\"ENOSPC\",call=\"watch\"} 1",
                "openclaw_network_log_errors_total{errno=\"EMFILE\",call=\"watch\"} 0",
                "openclaw_network_runtime_healthy 1",
                "openclaw_network_runtime_info{version=\"1.2 \\\"x\\\\y\\\"\"} 1",
                "openclaw_network_containers_running 5",
                "openclaw_network_gateway_healthy 1",
                "openclaw_network_reader_success{reader=\"openclaw_gateway\"} 1",
            }
        )
        {
            Assert.Contains(line + "\n", page, StringComparison.Ordinal);
        }

        await InstalledProgram.SucceedsAsync(InstalledProgram.Find("promtool"), page, "check", "metrics");
    }

    [Fact]
    public async Task A_Gateway_that_does_not_answer_is_0_and_the_reader_fails()
    {
        using var netns = new PrivateNamespace();

        // Among the processes of the machine, it would follow the log of a Gateway of another test.
        using var exporter = await PublishedExporter.StartBehindAsync(
            netns,
            PrivateProcesses.First,
            "--openclaw.health-url=http://127.0.0.1:18789/health"
        );

        var page = await AnsweredAsync(exporter, "openclaw_network_gateway_healthy ");

        Assert.Contains("openclaw_network_gateway_healthy 0\n", page, StringComparison.Ordinal);
        Assert.Contains(
            "openclaw_network_reader_success{reader=\"openclaw_gateway\"} 0\n",
            page,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("openclaw_network_runtime_", page, StringComparison.Ordinal);
        Assert.DoesNotContain("openclaw_network_clw_errors_total", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_it_ends_the_program_it_runs()
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        var script = folder.Write("hangs", $"echo $$ > {folder.PathOf("process")}; exec sleep 600\n");
        using var exporter = await PublishedExporter.StartAsync(netns, $"--openclaw.status-command=sh {script}");
        Assert.True(
            SpinWait.SpinUntil(
                () => File.Exists(folder.PathOf("process")) && new FileInfo(folder.PathOf("process")).Length > 1,
                Patience
            )
        );
        var process = (
            await File.ReadAllTextAsync(folder.PathOf("process"), TestContext.Current.CancellationToken)
        ).Trim();

        netns.Command("kill", "-TERM", exporter.Process.Id.ToString(CultureInfo.InvariantCulture));

        Assert.True(exporter.Process.WaitForExit(Patience));
        Assert.Equal(0, exporter.Process.ExitCode);
        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists("/proc/" + process), Patience), "it lives on");
    }

    /// <summary>The metrics page once it has these families: a scrape does not wait for their first reading.</summary>
    static async Task<string> AnsweredAsync(PublishedExporter exporter, params string[] families)
    {
        var page = "";
        await Polling.UntilAsync("they have answered", async () =>
        {
            page = await exporter.ScrapeAsync();
            return Array.TrueForAll(families, family => page.Contains("\n" + family, StringComparison.Ordinal));
        });
        return page;
    }

    [Fact]
    public async Task A_status_command_that_hangs_holds_up_no_scrape()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns, "--openclaw.status-command=sleep 600");
        var watch = Stopwatch.StartNew();

        var page = await exporter.ScrapeAsync();

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.Contains(
            "openclaw_network_reader_success{reader=\"openclaw_status\"} 0\n",
            page,
            StringComparison.Ordinal
        );
    }

    static async Task AnswerAsync(TcpListener server, CancellationToken cancellation)
    {
        using var socket = await server.AcceptSocketAsync(cancellation);
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, cancellation) > 0)
        {
            _ = await socket.SendAsync(
                Encoding.ASCII.GetBytes(
                    "HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n{\"ok\":true,\"status\":\"live\"}"
                ),
                cancellation
            );
        }
    }
}
