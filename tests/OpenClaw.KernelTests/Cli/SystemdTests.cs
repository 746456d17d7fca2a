using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// Runs the exporter as a systemd service. A socket of the test, or systemd's own tool, plays systemd's part.
/// </summary>
public class SystemdTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_says_when_it_serves_that_it_lives_and_when_it_ends(bool isAbstract)
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        var name = isAbstract ? $"@openclaw-exporter-test-{Guid.NewGuid():n}" : folder.PathOf("notify");

        // Abstract socket names belong to a network namespace.
        using var systemd = netns.Run(() =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + name[1..] : name));
            return socket;
        });
        var start = new ProcessStartInfo(
            Repository.PublishedExporter,
            [$"--web.listen-address={GuardedExporter.Endpoint}"]
        )
        {
            RedirectStandardError = true,
        };
        start.Environment["NOTIFY_SOCKET"] = name;
        start.Environment["WATCHDOG_USEC"] = "400000";
        var exporter = netns.Start(start);
        _ = exporter.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal("READY=1", await NextAsync(systemd));
        using var client = netns.HttpClient();
        Assert.Equal(
            "ok\n",
            await client.GetStringAsync(
                $"http://{GuardedExporter.Endpoint}/healthz",
                TestContext.Current.CancellationToken
            )
        );

        Assert.Equal("WATCHDOG=1", await NextAsync(systemd));
        var watching = Stopwatch.StartNew();
        for (var i = 0; i < 5; i++)
            Assert.Equal("WATCHDOG=1", await NextAsync(systemd));
        Assert.InRange(watching.Elapsed, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(5));

        netns.Command("kill", "-TERM", $"{exporter.Id}");
        string said;
        do said = await NextAsync(systemd);
        while (said == "WATCHDOG=1");
        Assert.Equal("STOPPING=1", said);
        await Polling.UntilAsync("it has ended", () => Task.FromResult(exporter.HasExited));
        Assert.Equal(0, exporter.ExitCode);
    }

    [Fact]
    public async Task It_serves_on_a_socket_that_systemd_opened()
    {
        var activate = InstalledProgram.Find("systemd-socket-activate");
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        var inherited = folder.PathOf("inherited");
        var log = new ConcurrentQueue<string>();
        var systemd = netns.Start(
            new(
                activate,
                [
                    $"--listen={GuardedExporter.Endpoint}",
                    Repository.PublishedExporter,
                    "--web.systemd-socket",
                    // A child of the exporter inherits neither the socket nor the variables.
                    $"--openclaw.status-command=[\"sh\", \"-c\", \"echo $(ls -l /proc/$$/fd | grep -c socket:) "
                        + $"$LISTEN_FDS $LISTEN_PID > {inherited}.part && mv {inherited}.part {inherited}\"]",
                ]
            )
            {
                RedirectStandardError = true,
            }
        );
        systemd.ErrorDataReceived += (_, line) => log.Enqueue(line.Data ?? "");
        systemd.BeginErrorReadLine();
        using var client = netns.HttpClient();

        // The first connection makes systemd start the exporter, which must then answer it.
        string? page = null;
        await Polling.UntilAsync("the exporter answers", async () =>
        {
            page = await client.GetStringAsync(
                $"http://{GuardedExporter.Endpoint}/metrics",
                TestContext.Current.CancellationToken
            );
            return true;
        });

        Assert.Contains(
            "openclaw_network_tcp_sockets{netns=\"self\",state=\"listen\"} 1\n",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains(log, static line => line.Contains("Listening on", StringComparison.Ordinal));
        await Polling.UntilAsync("the command has run", () => Task.FromResult(File.Exists(inherited)));
        Assert.Equal("0", (await File.ReadAllTextAsync(inherited, TestContext.Current.CancellationToken)).Trim());
    }

    static async Task<string> NextAsync(Socket systemd)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(TimeSpan.FromSeconds(20));
        var buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer, 0, await systemd.ReceiveAsync(buffer, late.Token));
    }
}
