using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>The commands of the published binary beside its server.</summary>
public class HistoryTests
{
    /// <summary>An address where nobody listens.</summary>
    const string Alone = "--web.listen-address=127.0.0.1:9";

    [Fact]
    public async Task A_counter_that_rose_before_the_command_started_is_failing_and_later_over()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(
            netns,
            "--sampling.max-age=0s",
            "--no-probe",
            "--no-collector.kernel_log",
            "--no-collector.softnet",
            "--no-collector.processes"
        );
        _ = await exporter.ScrapeAsync();
        await Task.Delay(TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken);
        LoseDatagrams(netns);

        var beside = await PublishedDiagnosis.DiagnoseAsync(netns);
        var alone = await PublishedDiagnosis.DiagnoseAsync(netns, Alone);
        var served = await ServedAsync(exporter);

        Assert.Equal(("warning", "udp_receive_buffer_errors_total"), Lost(beside));
        Assert.Equal(("ok", ""), Lost(alone));
        Assert.Equal(Lost(beside), Lost(served));

        // After one slot without a loss, it is over.
        await Task.Delay(TimeSpan.FromSeconds(16), TestContext.Current.CancellationToken);
        _ = await exporter.ScrapeAsync();
        await Task.Delay(TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken);
        var start = Stopwatch.GetTimestamp();
        beside = await PublishedDiagnosis.DiagnoseAsync(netns, "--observe=15s");
        var took = Stopwatch.GetElapsedTime(start);
        alone = await PublishedDiagnosis.DiagnoseAsync(netns, Alone);
        served = await ServedAsync(exporter);

        Assert.Equal(["over"], Phases(beside));
        Assert.Equal([], Phases(alone));
        Assert.Equal(Phases(beside), Phases(served));
        Assert.Equal(PublishedDiagnosis.Text(beside, "condition"), PublishedDiagnosis.Text(served, "condition"));
        Assert.InRange(took.TotalSeconds, 0, 14);
    }

    [Fact]
    public async Task A_pool_that_has_grown_for_a_minute_has_a_trend()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40199");
        using var exporter = await PublishedExporter.StartAsync(netns, "--sampling.max-age=0s");
        var sockets = new List<Socket>();
        for (var i = 0; i < 14; i++)
        {
            netns.Run(() =>
            {
                for (var taken = 0; taken < 12; taken++)
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    sockets.Add(socket);
                    socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                }
            });
            _ = await exporter.ScrapeAsync();
            await Task.Delay(TimeSpan.FromSeconds(5.1), TestContext.Current.CancellationToken);
        }

        var beside = await PublishedDiagnosis.WorstAsync(netns);
        var alone = await PublishedDiagnosis.WorstAsync(netns, Alone);
        var words = await PublishedDiagnosis.InWordsAsync(netns, "--verbose");

        Assert.Equal("growing", Growth(beside));
        Assert.Equal("too_early_to_say", Growth(alone));
        Assert.True(words.Contains("trend full in", StringComparison.Ordinal), words);
        sockets.ForEach(static socket => socket.Dispose());

        static string? Growth(JsonElement pool) => PublishedDiagnosis.Text(pool.GetProperty("forecast"), "growth");
    }

    /// <summary>Sockets that are bound to all addresses leave no port to ask the exporter from.</summary>
    [Fact]
    public async Task The_history_is_there_when_no_port_is()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40009");
        using var exporter = await PublishedExporter.StartAsync(netns, "--no-probe");
        _ = await exporter.ScrapeAsync();
        var sockets = new List<Socket>();
        netns.Run(() =>
        {
            // The connection of the scrape has one of the ten.
            while (sockets.Count < 9)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Any, 0));
            }

            using var refused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            Assert.Throws<SocketException>(() => refused.Connect(IPAddress.Loopback, PublishedExporter.Port));
        });

        var process = netns.Start(
            new(Repository.PublishedExporter, ["status", "--netns=self", "--no-probe"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        );

        Assert.Equal("", await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Contains("10 of 10", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        sockets.ForEach(static socket => socket.Dispose());
    }

    /// <summary>The name of the socket has the port only, which two exporters can share.</summary>
    [Fact]
    public async Task A_second_exporter_on_the_port_serves_without_a_Unix_socket()
    {
        using var netns = new PrivateNamespace();
        using var first = await PublishedExporter.StartAsync(netns, "--no-probe");
        var second = netns.Start(
            new(
                Repository.PublishedExporter,
                [$"--web.listen-address=127.0.0.2:{PublishedExporter.Port}", "--netns=self", "--no-probe"]
            )
            {
                RedirectStandardError = true,
            }
        );

        Assert.Contains(
            $"WRN No Unix socket beside port {PublishedExporter.Port}; diagnose and status lack the history",
            await second.StandardError.ReadLineAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Listening",
            await second.StandardError.ReadLineAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Both_commands_go_on_without_a_history_and_say_why_in_one_line()
    {
        using var exporter = await GuardedExporter.StartAsync(static _ =>
            $"basic_auth_users:\n  alice: {BCrypt.Net.BCrypt.HashPassword("wonderland", 4)}\n"
        );

        foreach (var command in (string[])["diagnose", "status"])
        {
            var process = exporter.Netns.Start(
                new(Repository.PublishedExporter, [command, "--netns=self", "--no-probe", "--no-collector.kernel_log"])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            );
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.Equal(
                $"openclaw-exporter: no history: http://{GuardedExporter.Endpoint}/api/v1/timeline: status 401 "
                    + "user name and password required\n",
                errors
            );
            Assert.NotEmpty(output);
            Assert.InRange(process.ExitCode, 0, 3);
        }
    }

    /// <summary>Sends more datagrams than a socket can buffer.</summary>
    static void LoseDatagrams(PrivateNamespace netns)
    {
        using var reader = netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4096 }
        );
        using var writer = netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        );
        var endpoint = new IPEndPoint(IPAddress.Loopback, 5000);
        reader.Bind(endpoint);
        for (var i = 0; i < 500; i++)
            writer.SendTo(new byte[100], endpoint);
    }

    static async Task<JsonElement> ServedAsync(PublishedExporter exporter) =>
        JsonDocument
            .Parse(await exporter.Client.GetStringAsync("/api/v1/diagnosis", TestContext.Current.CancellationToken))
            .RootElement;

    /// <summary>The condition of the lost datagrams, and the name of their symptom.</summary>
    static (string? Condition, string? Symptom) Lost(JsonElement diagnosis) =>
        diagnosis
            .GetProperty("symptoms")
            .EnumerateArray()
            .Where(static symptom => PublishedDiagnosis.Text(symptom, "symptom") == "udp_receive_buffer_errors_total")
            .Select(static symptom =>
                (PublishedDiagnosis.Text(symptom, "condition"), PublishedDiagnosis.Text(symptom, "symptom"))
            )
            .DefaultIfEmpty(("ok", ""))
            .First();

    /// <summary>The phases of the problem of lost datagrams.</summary>
    static IEnumerable<string?> Phases(JsonElement diagnosis) =>
        diagnosis
            .GetProperty("problems")
            .EnumerateArray()
            .Where(static problem =>
                PublishedDiagnosis.Text(problem, "name")!.Contains("udp", StringComparison.Ordinal)
            )
            .Select(static problem => PublishedDiagnosis.Text(problem, "phase"));
}
