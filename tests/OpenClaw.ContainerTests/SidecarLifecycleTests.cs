using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenClaw.ContainerTests;

/// <summary>Events in the life of a sidecar, seen by Prometheus and by the engine.</summary>
public class SidecarLifecycleTests(ITestOutputHelper output)
{
    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);
    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(15);

    static readonly string[] HealthCheck = ["/usr/bin/openclaw-exporter", "healthcheck"];
    static readonly string[] Status = ["/usr/bin/openclaw-exporter", "status"];

    [Fact]
    public async Task A_killed_or_restarted_exporter_is_missed_and_found_again()
    {
        await using var sidecar = await Sidecar.StartAsync();
        await using var monitoring = await Monitoring.StartAsync(sidecar);

        await ContainerEngine.KillAsync(sidecar.Exporter);
        await monitoring.WaitForScrapesAsync(succeeding: false);
        Assert.Equal(Sidecar.Ports, await sidecar.ExhaustAsync()); // The application does not depend on the exporter.

        await ContainerEngine.StartAgainAsync(sidecar.Exporter);
        await WaitForHealthAsync(sidecar);
        await monitoring.WaitForScrapesAsync(succeeding: true);
        Assert.Equal(Sidecar.Ports, await UsedPortsAsync(sidecar)); // The exporter sees the changes that it missed.

        var before = await ContainerEngine.ProcessAsync(sidecar.Exporter);
        await ContainerEngine.RestartAsync(sidecar.Exporter);
        await WaitForHealthAsync(sidecar);
        await monitoring.WaitForScrapesAsync(succeeding: true);
        Assert.NotEqual(before, await ContainerEngine.ProcessAsync(sidecar.Exporter));
        Assert.Equal(Sidecar.Ports, await UsedPortsAsync(sidecar));
    }

    [Fact]
    public async Task An_application_off_the_network_is_still_watched_and_reached_again_with_it()
    {
        await using var sidecar = await Sidecar.StartAsync();
        await using var monitoring = await Monitoring.StartAsync(sidecar);
        var process = await ContainerEngine.ProcessAsync(sidecar.Exporter);

        await ContainerEngine.DisconnectAsync(sidecar.Application, sidecar.Network.Name);
        await monitoring.WaitForScrapesAsync(succeeding: false);
        var health = await sidecar.Exporter.ExecAsync(HealthCheck, TestContext.Current.CancellationToken);
        Assert.True(health.ExitCode == 0, health.Stderr);

        // All ports are free: neither the health check nor the exporter's own probe keeps one.
        await Polling.UntilAsync(
            "all ports are free",
            async () =>
            {
                var status = await sidecar.Exporter.ExecAsync(Status, TestContext.Current.CancellationToken);
                output.WriteLine(status.Stdout);
                return Regex.IsMatch(
                    status.Stdout,
                    $"Ephemeral Ports Available +(at most )?{Sidecar.Ports} of {Sidecar.Ports}\n"
                );
            },
            AnswerTimeout
        );

        await ContainerEngine.ConnectAsync(sidecar.Application, sidecar.Network.Name, Sidecar.Alias);
        await monitoring.WaitForScrapesAsync(succeeding: true);
        Assert.Equal(process, await ContainerEngine.ProcessAsync(sidecar.Exporter));
    }

    [Fact]
    public async Task It_stops_in_order_and_says_when_it_does_not_serve()
    {
        await using var sidecar = await Sidecar.StartAsync();
        await WaitForHealthAsync(sidecar);

        // A port without a listener, as after a crash of the server.
        var unhealthy = await sidecar.Exporter.ExecAsync(
            [.. HealthCheck, "--web.listen-address=:10088"],
            TestContext.Current.CancellationToken
        );
        Assert.Equal(1, unhealthy.ExitCode);
        Assert.Contains(
            "http://127.0.0.1:10088/healthz: Connection refused",
            unhealthy.Stderr,
            StringComparison.Ordinal
        );

        var stopping = Stopwatch.StartNew();
        await sidecar.Exporter.StopAsync(TestContext.Current.CancellationToken);
        output.WriteLine($"stopped in {stopping.Elapsed.TotalSeconds:0.00} s");
        Assert.Equal(0, await sidecar.Exporter.GetExitCodeAsync(TestContext.Current.CancellationToken));
        Assert.True(stopping.Elapsed < StopTimeout, $"took {stopping.Elapsed}");
    }

    static Task WaitForHealthAsync(Sidecar sidecar) =>
        Polling.UntilAsync(
            "it is healthy",
            async () =>
                (await sidecar.Exporter.ExecAsync(HealthCheck, TestContext.Current.CancellationToken)).ExitCode == 0,
            AnswerTimeout
        );

    static async Task<int> UsedPortsAsync(Sidecar sidecar)
    {
        var line = (await sidecar.ScrapeAsync())
            .Split('\n')
            .Single(line =>
                line.StartsWith("openclaw_network_ephemeral_connect_ports{", StringComparison.Ordinal)
                && line.Contains($"destination=\"{sidecar.Destination}\"", StringComparison.Ordinal)
            );
        return int.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
    }
}
