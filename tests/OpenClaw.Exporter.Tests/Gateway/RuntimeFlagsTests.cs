using System.CommandLine;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Status;

namespace OpenClaw.Exporter.Tests;

public class RuntimeFlagsTests
{
    [Theory]
    [InlineData("openclaw status", new[] { "openclaw", "status" })]
    [InlineData("  openclaw   status ", new[] { "openclaw", "status" })]
    [InlineData(
        "[\"/opt/open claw/bin/openclaw\", \"status\", \"\"]",
        new[] { "/opt/open claw/bin/openclaw", "status", "" }
    )]
    [InlineData("", new string[0])]
    public void A_command_is_words_or_a_JSON_array(string text, string[] words) =>
        Assert.Equal(words, Parse("--openclaw.status-command", text).GetValue(ExporterFlags.StatusCommand));

    [Theory]
    [InlineData("--openclaw.status-command", "[")]
    [InlineData("--openclaw.status-command", "[]")]
    [InlineData("--openclaw.status-command", "[\"openclaw\", 1]")]
    [InlineData("--openclaw.status-interval", "0s")]
    [InlineData("--openclaw.status-interval", "often")]
    [InlineData("--openclaw.health-url", "127.0.0.1:18789/health")]
    [InlineData("--openclaw.health-url", "file:///etc/passwd")]
    [InlineData("--probe", "maybe")]
    [InlineData("--sampling.max-age", "99999999999h")]
    [InlineData("--sampling.max-age", "0.5ms")]
    [InlineData("--openclaw.status-interval", "1300h")]
    [InlineData("--web.telemetry-path", "/")]
    [InlineData("--web.telemetry-path", "metrics")]
    [InlineData("--web.telemetry-path", "//m")]
    [InlineData("--web.telemetry-path", "/m//n")]
    [InlineData("--web.telemetry-path", "/a}")]
    [InlineData("--web.telemetry-path", "/{a}")]
    [InlineData("--web.telemetry-path", "/m?x")]
    [InlineData("--web.telemetry-path", "/m#x")]
    [InlineData("--web.telemetry-path", "/m%20")]
    [InlineData("--web.telemetry-path", "/m n")]
    [InlineData("--web.telemetry-path", "/../m")]
    [InlineData("--web.telemetry-path", "/Healthz")]
    [InlineData("--web.telemetry-path", "/assets/metrics")]
    [InlineData("--web.listen-address", "localhost")]
    [InlineData("--web.listen-address", "localhost:")]
    [InlineData("--web.listen-address", "elsewhere:1")]
    public void A_bad_value_is_named(string flag, string text) =>
        Assert.Contains($"'{text}'", Assert.Single(Parse(flag, text).Errors).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("/m")]
    [InlineData("/probe/metrics-1.0~a_b")]
    [InlineData("/healthz-metrics")]
    public void A_path_of_metrics_is_any_other(string path) =>
        Assert.Equal(path, Parse("--web.telemetry-path", path).GetValue(ExporterFlags.TelemetryPath));

    /// <summary>Two endpoints with the same path would make every request to it fail.</summary>
    [Fact]
    public async Task No_path_that_is_served_is_one_of_metrics()
    {
        await using var application = WebApplication.CreateSlimBuilder().Build();
        application.MapStatus("/metrics", static (_, _) => { }, "");
        application.MapHealth();
        var paths = ((IEndpointRouteBuilder)application)
            .DataSources.SelectMany(static source => source.Endpoints)
            .Cast<RouteEndpoint>()
            .Select(static endpoint => endpoint.RoutePattern.RawText!)
            .ToArray();

        Assert.Contains("/readyz", paths);
        Assert.All(paths, static path => Assert.Single(Parse("--web.telemetry-path", path).Errors));
    }

    [Theory]
    [InlineData("localhost:1", "127.0.0.1:1")]
    [InlineData(":1", "[::]:1")]
    public void Addresses_have_their_usual_short_forms(string text, string endpoint) =>
        Assert.Equal(
            [IPEndPoint.Parse(endpoint)],
            Parse("--web.listen-address", text).GetValue(ExporterFlags.ListenAddress)
        );

    [Fact]
    public void All_of_OpenClaw_can_be_turned_off_and_the_probe_is_on()
    {
        var flags = Parse("--openclaw.log=off", "--openclaw.health-url=off");

        Assert.Empty(flags.Errors);
        Assert.Empty(Gateway.RuntimeReaders.Create(flags));
        Assert.True(flags.GetValue(ExporterFlags.Probe));
        Assert.False(flags.GetValue(ExporterFlags.NoProbe));
    }

    [Fact]
    public void Log_and_health_of_a_Gateway_that_runs_here_need_no_flag() =>
        Assert.Equal(
            ["gateway_discovery", "openclaw_log", "openclaw_gateway"],
            Gateway.RuntimeReaders.Create(Parse()).Select(static reader => reader.Name)
        );

    [Theory]
    [InlineData("--openclaw.log=off", new[] { "gateway_discovery", "openclaw_gateway" })]
    [InlineData("--openclaw.health-url=off", new[] { "gateway_discovery", "openclaw_log" })]
    public void Each_of_them_is_turned_off_alone(string flag, string[] readers) =>
        Assert.Equal(readers, Gateway.RuntimeReaders.Create(Parse(flag)).Select(static reader => reader.Name));

    [Theory]
    [InlineData(true, "--probe")]
    [InlineData(false, "--probe=false")]
    [InlineData(true, "--probe", "true")]
    public void The_probe_flag_may_stand_alone(bool expected, params string[] arguments) =>
        Assert.Equal(expected, Parse(arguments).GetValue(ExporterFlags.Probe));

    [Fact]
    public void No_probe_stands_alone() => Assert.True(Parse("--no-probe").GetValue(ExporterFlags.NoProbe));

    [Fact]
    public void Each_flag_makes_its_reader() =>
        Assert.Equal(
            ["openclaw_log", "openclaw_status", "openclaw_gateway"],
            Gateway
                .RuntimeReaders.Create(
                    Parse(
                        "--openclaw.log=/var/log/openclaw.log",
                        "--openclaw.status-command=openclaw status",
                        "--openclaw.health-url=http://127.0.0.1:18789/health"
                    )
                )
                .Select(static reader => reader.Name)
        );

    static ParseResult Parse(params string[] arguments)
    {
        var root = new RootCommand();
        foreach (var flag in ExporterFlags.All)
            root.Options.Add(flag);
        return root.Parse(arguments);
    }
}
