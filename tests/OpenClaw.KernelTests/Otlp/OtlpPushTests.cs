using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>Tests the published binary with OpenTelemetry's environment variables.</summary>
public partial class OtlpPushTests(ITestOutputHelper output)
{
    const int Pushes = 500;

    /// <summary>
    /// The number of pushes before memory is measured: allocations of the start-up remain until the first full
    /// collection.
    /// </summary>
    const int FirstPushes = 200;
    const long MemoryAtMost = 40 * 1024;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task It_pushes_what_it_serves_and_stays_as_small_as_it_is(string protocol)
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40199");
        await using var receiver = await ReceiverAsync(netns, protocol == "grpc");
        var exporter = Start(
            netns,
            PrivateProcesses.First,
            receiver.Endpoint,
            ("PROTOCOL", protocol),
            ("HEADERS", "authorization=Bearer t0ken"),
            ("COMPRESSION", "none")
        );
        var push = await receiver.NextAsync(Stop);

        // Only what is constant between the push and the scrape is compared. Slow readers have a series of their own,
        // and destinations have a path where a dump left the use of their ports in doubt. A problem of the machine may
        // begin between the two.
        using var client = netns.HttpClient();
        var page = await client.GetStringAsync("http://127.0.0.1:10087/metrics", Stop);
        Assert.Equal(
            Names(Name().Matches(page).Select(static line => line.Groups[1].Value)),
            Names(push.Points.Select(static point => point.Name))
        );
        Assert.Equal(
            200,
            push.Points.Single(static point =>
                point.Name == "openclaw_network_ephemeral_connect_ports_limit"
                && point.Labels == "destination=\"*\",netns=\"self\",protocol=\"tcp\",source=\"*\""
            ).Value
        );
        Assert.Equal(
            ("gateway-1", "test", "Bearer t0ken"),
            (push.Resource["service.name"], push.Resource["deployment.environment.name"], push.Headers["authorization"])
        );
        Assert.NotEmpty(push.Resource["host.name"]);

        var pid = PrivateProcesses.PidOf(exporter);
        var (watch, most) = (Stopwatch.StartNew(), 0L);
        for (var i = 0; i < Pushes; i++)
        {
            Assert.DoesNotContain((await receiver.NextAsync(Stop)).Points, static point =>
                point.Labels.Contains("otel.metric.overflow", StringComparison.Ordinal)
            );
            if (i >= FirstPushes)
                most = long.Max(most, Memory(pid, "VmRSS"));
        }

        output.WriteLine(
            $"{push.Points.Length} series, {Pushes} pushes in {watch.Elapsed.TotalSeconds:F0} s: at most {most} "
                + $"KiB resident, and {Memory(pid, "VmHWM")} at the beginning"
        );
        Assert.InRange(most, 1, MemoryAtMost);
    }

    static IEnumerable<string> Names(IEnumerable<string> names) =>
        names
            .Where(static name =>
                name is not ("openclaw_network_reader_duration_seconds" or "openclaw_network_episodes_total")
                && !name.StartsWith("openclaw_network_destination_", StringComparison.Ordinal)
            )
            .Distinct()
            .Order(StringComparer.Ordinal);

    [Fact]
    public async Task It_goes_on_serving_and_ends_at_once_while_the_endpoint_hangs()
    {
        using var netns = new PrivateNamespace();
        await using var receiver = await ReceiverAsync(netns, isGrpc: false);
        var asked = new TaskCompletionSource();
        receiver.Instead = async context =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        var exporter = Start(netns, [], receiver.Endpoint, ("PROTOCOL", "http/protobuf"), ("TIMEOUT", "600000"));
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        using var client = netns.HttpClient();
        Assert.Contains(
            "openclaw_network_exporter_build_info",
            await client.GetStringAsync("http://127.0.0.1:10087/metrics", Stop),
            StringComparison.Ordinal
        );

        var watch = Stopwatch.StartNew();
        netns.Command("kill", "-TERM", $"{exporter.Id}");
        await exporter.WaitForExitAsync(Stop);

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(0, exporter.ExitCode);
    }

    [Theory]
    [InlineData("ENDPOINT", "localhost:4317", 64)]
    [InlineData("PROTOCOL", "http/json", 64)]
    [InlineData("HEADERS", "token", 64)]
    [InlineData("CERTIFICATE", "/nonexistent.pem", 66)]
    public async Task A_variable_that_cannot_be_used_is_one_line(string variable, string value, int code)
    {
        using var netns = new PrivateNamespace();
        var exporter = Start(netns, [], "http://127.0.0.1:4317", (variable, value));
        var errors = await exporter.StandardError.ReadToEndAsync(Stop);
        await exporter.WaitForExitAsync(Stop);

        Assert.Equal(code, exporter.ExitCode);
        Assert.StartsWith(
            $"openclaw-exporter: OTEL_EXPORTER_OTLP_{variable}",
            Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal
        );
    }

    static Task<OtlpReceiver> ReceiverAsync(PrivateNamespace netns, bool isGrpc) =>
        OtlpReceiver.StartAsync(isGrpc, port: 4317, endpoint =>
            netns.Run(() => SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint))
        );

    static Process Start(
        PrivateNamespace netns,
        IReadOnlyList<string> before,
        string endpoint,
        params ReadOnlySpan<(string End, string Value)> variables
    )
    {
        string[] command =
        [
            .. before,
            Repository.PublishedExporter,
            "--web.listen-address=127.0.0.1:10087",
            "--sampling.max-age=0s",
            "--netns=self",
        ];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true };
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        start.Environment["OTEL_METRIC_EXPORT_INTERVAL"] = "10";
        start.Environment["OTEL_SERVICE_NAME"] = "gateway-1";
        start.Environment["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=test";
        foreach (var (end, value) in variables)
            start.Environment["OTEL_EXPORTER_OTLP_" + end] = value;
        return netns.Start(start);
    }

    static long Memory(int pid, string line) =>
        long.Parse(
            File.ReadLines($"/proc/{pid}/status")
                .Single(text => text.StartsWith(line + ":", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );

    [GeneratedRegex(@"(?m)^(openclaw_network_\w+)")]
    private static partial Regex Name();
}
