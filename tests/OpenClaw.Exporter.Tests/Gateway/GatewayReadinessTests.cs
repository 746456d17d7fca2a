using System.Net;
using System.Text;
using OpenClaw.Exporter.Gateway;

namespace OpenClaw.Exporter.Tests;

/// <summary>Asks servers that answer as the Gateway 2026.9.6 does.</summary>
public class GatewayReadinessTests
{
    const string Live = "{\"ok\":true,\"status\":\"live\"}";
    const string Page = "<!doctype html>\n<html lang=\"en\" data-openclaw-control-ui-build-id=\"2026.9.6-release-1\">";
    const string Ready =
        "{\"ready\":true,\"failing\":[],\"uptimeMs\":85975,\"eventLoop\":{\"degraded\":false,\"reasons\":[],"
        + "\"delayP99Ms\":27.2,\"delayMaxMs\":27.2,\"utilization\":0.008}}";
    const string Starting =
        "{\"ready\":false,\"failing\":[\"startup-sidecars\"],\"uptimeMs\":1220,\"eventLoop\":{\"degraded\":true,"
        + "\"reasons\":[\"event_loop_utilization\"],\"delayP99Ms\":2500,\"utilization\":0.9}}";

    [Fact]
    public async Task Health_comes_with_readiness_and_version()
    {
        var health = await AskAsync(IPAddress.Loopback, 200, Ready);

        Assert.True(health.IsHealthy);
        Assert.Equal("2026.9.6", health.Version);
        Assert.Equal(
            new GatewayReadiness(true, [])
            {
                UptimeSeconds = 85.975,
                DelaySeconds = 27.2 / 1000,
                Utilization = 0.008,
            },
            health.Readiness
        );
        Assert.Equal("ready", GatewayWords.State(health));
    }

    [Fact]
    public async Task A_starting_Gateway_is_healthy_and_says_what_it_waits_for()
    {
        var health = await AskAsync(IPAddress.IPv6Loopback, 503, Starting);

        Assert.True(health.IsHealthy);
        Assert.Equal(["startup-sidecars"], health.Readiness!.Failing);
        Assert.True(health.Readiness.IsSlow);
        Assert.Equal("not ready: startup-sidecars", GatewayWords.State(health));
    }

    [Theory]
    [InlineData("{\"ready\":true}")]
    [InlineData("{\"ready\":true,\"failing\":null,\"uptimeMs\":\"soon\",\"eventLoop\":7}")]
    [InlineData("{\"ready\":true,\"uptimeMs\":-1,\"eventLoop\":{\"delayP99Ms\":null,\"utilization\":1e999}}")]
    public void A_value_that_it_does_not_tell_is_missing_and_not_0(string body) =>
        Assert.Equal(new(true, []), GatewayReadiness.Parse(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData(Page)]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"ready\":\"yes\"}")]
    [InlineData(Live)]
    public void Another_body_is_no_readiness(string body) =>
        Assert.Null(GatewayReadiness.Parse(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("<!doctype html><html>")]
    [InlineData("\n  <html>")]
    [InlineData("\ufeff<html>")]
    public async Task HTML_is_not_health(string page)
    {
        using var server = new GatewayAnswers(IPAddress.Loopback, _ => (200, page));
        using var client = Client(server, "/status");

        var health = (await client.AskAsync(TestContext.Current.CancellationToken)).Value;

        Assert.False(health.IsHealthy);
        Assert.Contains("HTML", health.NoAnswer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_of_the_file_is_sent_and_read_again()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("token", " s3cret\n");
        using var server = new GatewayAnswers(IPAddress.Loopback, static _ => (200, "{\"ok\":true}"));
        using var client = new GatewayClient(new($"http://{server.EndPoint}/health"), TimeSpan.FromSeconds(2), file);

        Assert.True((await client.AskAsync(TestContext.Current.CancellationToken)).Value.IsHealthy);
        folder.Write("token", "another");
        Assert.True((await client.AskAsync(TestContext.Current.CancellationToken)).Value.IsHealthy);
        Assert.Contains("Authorization: Bearer s3cret\r\n", server.Requests[0], StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer another\r\n", server.Requests[1], StringComparison.Ordinal);
        File.Delete(file);
        Assert.Contains(
            file,
            (await client.AskAsync(TestContext.Current.CancellationToken)).Missing!.Detail,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_worst_of_several_Gateways_counts()
    {
        var quick = new GatewayHealth(true, null)
        {
            Port = 1,
            Readiness = new(true, []) { DelaySeconds = 0.01, UptimeSeconds = 5 },
        };
        var slow = quick with
        {
            Port = 2,
            Readiness = new(false, ["drain"]) { DelaySeconds = 2, UptimeSeconds = 500 },
        };

        var both = GatewayHealth.Combine([quick, slow]);

        Assert.True(both.IsHealthy);
        Assert.Equal(new GatewayReadiness(false, ["drain"]) { DelaySeconds = 2, UptimeSeconds = 5 }, both.Readiness);
        Assert.False(GatewayHealth.Combine([quick, new(false, "refused")]).IsHealthy);
        Assert.Same(quick, GatewayHealth.Combine([quick]));
    }

    static async Task<GatewayHealth> AskAsync(IPAddress address, int status, string readiness)
    {
        using var server = new GatewayAnswers(address, path => path switch
            {
                "/healthz" => (200, Live),
                "/readyz" => (status, readiness),
                _ => (200, Page),
            });
        using var client = Client(server, "/healthz");
        return (await client.AskAsync(TestContext.Current.CancellationToken)).Value;
    }

    static GatewayClient Client(GatewayAnswers server, string path) =>
        new(new($"http://{server.EndPoint}{path}"), TimeSpan.FromSeconds(2));
}
