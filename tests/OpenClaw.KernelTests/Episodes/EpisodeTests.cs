using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using OpenClaw.Exporter.Episodes;

namespace OpenClaw.KernelTests;

/// <summary>The episodes of the published binary, over kills and with a full disk.</summary>
public sealed class EpisodeTests : IDisposable
{
    const string Pool = "ephemeral_bind_ports";
    const string OfProcesses = "process_file_descriptors";

    readonly PrivateNamespace _netns = new();
    readonly string _directory = Directory.CreateTempSubdirectory("state").FullName;
    readonly List<Socket> _sockets = [];

    public void Dispose()
    {
        Free();
        _netns.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>
    /// Nobody scrapes, all is over before the next snapshot is due, and the exporter is killed then.
    /// </summary>
    [Fact]
    public async Task An_exhaustion_that_nobody_saw_is_found_after_a_kill_and_a_restart()
    {
        var exporter = await StartAsync();
        Fill(200);
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Free();
        Kill(exporter);

        var left = await HistoryAsync();
        Assert.Equal("200 of 200 (100%)", Text(left, "evidence"));

        var again = await StartAsync();
        var served = await HistoryAsync();
        Assert.Equal(left.ToString(), served.ToString());
        Assert.Contains($"(pid {Environment.ProcessId})", Text(served, "who"), StringComparison.Ordinal);
        Assert.Equal(Pool, Text(served, "pool"));
        Assert.Equal(200, served.GetProperty("peak").GetProperty("used").GetDouble());
        Assert.Equal(0, served.GetProperty("peak").GetProperty("left").GetDouble());
        Assert.Equal(200, served.GetProperty("holders")[0].GetProperty("count").GetDouble());

        // The problem is still there, or there again: the same episode goes on, and no kill loses it.
        Fill();
        var random = new Random(7);
        for (var kill = 0; kill < 10; kill++)
        {
            _ = await again.ScrapeAsync();
            await Task.Delay(random.Next(15), TestContext.Current.CancellationToken);
            Kill(again);
            var kept = EpisodeFile.Read(_directory).Value.First(static episode => episode.Pool != OfProcesses);
            Assert.Equal(
                (served.GetProperty("number").GetInt32(), served.GetProperty("begin").GetDateTimeOffset()),
                (kept.Number, kept.Begin)
            );
            again = await StartAsync();
        }
        again.Dispose();
    }

    /// <summary>The problem of that time is the answer, although it is over now.</summary>
    [Fact]
    public async Task An_error_in_the_log_is_answered_with_the_problem_of_its_time()
    {
        var log = Path.Combine(_directory, "openclaw.log");
        await File.WriteAllTextAsync(log, "", TestContext.Current.CancellationToken);
        using var exporter = await PublishedExporter.StartAsync(
            _netns,
            "--sampling.max-age=0s",
            "--no-probe",
            "--no-collector.kernel_log",
            $"--openclaw.log={log}"
        );
        Fill(200);
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        var time = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        await File.AppendAllTextAsync(
            log,
            $"{time} [OpenClaw Error] Error Code: clw-port-conflict\n",
            TestContext.Current.CancellationToken
        );
        Free();
        await Polling.UntilAsync("the exporter reads the error", async () =>
            (await exporter.ScrapeAsync()).Contains("{code=\"clw-port-conflict\"} 1\n", StringComparison.Ordinal)
        );

        foreach (
            var diagnosis in new[]
            {
                await PublishedDiagnosis.DiagnoseAsync(_netns, $"--openclaw.log={log}", "--no-probe"),
                JsonDocument
                    .Parse(
                        await exporter.Client.GetStringAsync("/api/v1/diagnosis", TestContext.Current.CancellationToken)
                    )
                    .RootElement,
            }
        )
        {
            var answer = Assert.Single(diagnosis.GetProperty("answers").EnumerateArray().ToArray());
            Assert.Equal("clw-port-conflict", Text(answer, "code"));
            Assert.Contains(1, answer.GetProperty("episodes").EnumerateArray().Select(static one => one.GetInt32()));
            Assert.Contains("Ephemeral bind ports, 200 of 200 (100%)", Text(answer, "text"), default);
        }
    }

    /// <summary>A full disk costs no scrape. It shows in the metrics until it has room again.</summary>
    [Fact]
    public async Task A_full_disk_shows_and_ends()
    {
        const string script = """
            mount -t tmpfs -o size=8k,mode=700 none "$0" && dd if=/dev/zero of="$0/ballast" bs=4k 2>/dev/null
            exec "$@"
            """;
        using var exporter = await PublishedExporter.StartBehindAsync(
            _netns,
            ["unshare", "--mount", "sh", "-c", script, _directory],
            "--sampling.max-age=0s",
            "--no-probe",
            $"--state.directory={_directory}"
        );
        Fill();

        Assert.Contains(
            $"openclaw_network_pool_exceeded_ratio{{pool=\"{Pool}\"",
            await exporter.ScrapeAsync(),
            StringComparison.Ordinal
        );
        await Polling.UntilAsync("the reader fails", async () => SuccessOf(await exporter.ScrapeAsync()) == "0");
        Assert.Contains(
            $"openclaw_network_episodes_total{{pool=\"{Pool}\",code=\"clw-port-conflict\"}} 1",
            await exporter.ScrapeAsync(),
            StringComparison.Ordinal
        );

        var inside = $"/proc/{exporter.Process.Id}/root{_directory}";
        File.Delete($"{inside}/ballast");
        await Polling.UntilAsync("the reader works again", async () => SuccessOf(await exporter.ScrapeAsync()) == "1");
        var kept = EpisodeFile.Read(inside).Value.Where(static episode => episode.Pool != OfProcesses);
        Assert.Equal(Pool, Assert.Single(kept).Pool);
    }

    static string SuccessOf(string metrics) =>
        metrics
            .Split('\n')
            .Single(static line =>
                line.StartsWith("openclaw_network_reader_success{reader=\"episodes\"}", StringComparison.Ordinal)
            )[^1..];

    Task<PublishedExporter> StartAsync() =>
        PublishedExporter.StartAsync(
            _netns,
            "--sampling.max-age=0s",
            "--no-probe",
            "--no-collector.kernel_log",
            "--no-collector.softnet",
            $"--state.directory={_directory}"
        );

    static void Kill(PublishedExporter exporter)
    {
        exporter.Process.Kill();
        exporter.Process.WaitForExit();
        exporter.Dispose();
    }

    /// <summary>Takes ports. Without two that are free, this process itself could not scrape.</summary>
    void Fill(int ports = 198)
    {
        _netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40199");
        _netns.Run(() =>
        {
            for (var port = 40_000; port < 40_000 + ports; port++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
            }
        });
    }

    void Free()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        _sockets.Clear();
    }

    /// <summary>
    /// Returns the only episode that history prints, besides those of other tests' processes.
    /// </summary>
    async Task<JsonElement> HistoryAsync()
    {
        var process = _netns.Start(
            new(
                Repository.PublishedExporter,
                [
                    "history",
                    "--format=json",
                    $"--web.listen-address=127.0.0.1:{PublishedExporter.Port}",
                    $"--state.directory={_directory}",
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        );
        var printed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return Assert.Single(
            JsonDocument.Parse(printed).RootElement.GetProperty("episodes").EnumerateArray().ToArray(),
            static episode => Text(episode, "pool") != OfProcesses
        );
    }

    static string? Text(JsonElement episode, string name) => episode.GetProperty(name).GetString();
}
