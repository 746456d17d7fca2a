using System.Net;
using System.Net.Sockets;
using System.Text;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class GatewayHealthTests
{
    [Theory]
    [InlineData(200, "{\"ok\":true,\"status\":\"live\"}", true)]
    [InlineData(200, "{\"status\":\"healthy\"}", true)]
    [InlineData(200, "{\"status\":\"OK\"}", true)]
    [InlineData(200, "{\"status\":\"degraded\"}", false)]
    [InlineData(200, "{\"ok\":false}", false)]
    [InlineData(200, "{\"ok\":false,\"status\":\"ok\"}", false)]
    [InlineData(200, "{\"uptime\":3}", true)]
    [InlineData(200, "{\"status\":7}", true)]
    [InlineData(200, "[]", true)]
    [InlineData(200, "fine", true)]
    [InlineData(200, "", true)]
    [InlineData(204, "", true)]
    [InlineData(503, "{\"status\":\"ok\"}", false)]
    [InlineData(404, "", false)]
    [InlineData(302, "", false)]
    public async Task An_answer_of_success_is_health_unless_it_says_otherwise(int status, string body, bool isHealthy)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var answering = AnswerAsync(server, $"HTTP/1.1 {status} x\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.Equal(
            new GatewayHealth(isHealthy, null) { Port = (ushort)((IPEndPoint)server.LocalEndpoint).Port },
            (await AskAsync(server)).Value
        );
        (await answering).Dispose();
    }

    [Fact]
    public async Task Nobody_there_is_not_healthy_and_told()
    {
        var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var endpoint = (IPEndPoint)server.LocalEndpoint;
        server.Stop();

        var health = (await AskAsync(endpoint)).Value;

        Assert.False(health.IsHealthy);
        Assert.Contains("refused", health.NoAnswer, StringComparison.Ordinal);
        Assert.Equal((ushort)endpoint.Port, health.Port);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")]
    public async Task A_Gateway_that_hangs_is_not_healthy_with_the_reason(string begun)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var answering = AnswerAsync(server, begun);

        var health = (await AskAsync(server)).Value;

        Assert.False(health.IsHealthy);
        Assert.Contains("no answer within 2 s", health.NoAnswer, StringComparison.Ordinal);
        (await answering).Dispose();
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var answering = AnswerAsync(
            server,
            "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + new string('x', 100_000)
        );

        Assert.False((await AskAsync(server)).Value.IsHealthy);
        (await answering).Dispose();
    }

    [Fact]
    public async Task A_password_in_the_address_is_said_nowhere()
    {
        using var reader = new GatewayHealthReader(
            new("http://operator:s3cret@127.0.0.1:1/health?token=t0ken"),
            TimeSpan.FromMinutes(1),
            TimeSpan.FromSeconds(2)
        );

        var health = (await reader.AskAsync(TestContext.Current.CancellationToken)).Value;

        Assert.Equal("http://127.0.0.1:1/health", reader.Source);
        foreach (var secret in new[] { "operator", "s3cret", "t0ken" })
            Assert.DoesNotContain(secret, health.NoAnswer, StringComparison.Ordinal);
    }

    static async Task<Socket> AnswerAsync(TcpListener server, string answer)
    {
        var socket = await server.AcceptSocketAsync(TestContext.Current.CancellationToken);
        _ = await socket.ReceiveAsync(new byte[4096], TestContext.Current.CancellationToken);
        try
        {
            _ = await socket.SendAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
        }
        catch (SocketException)
        {
            // The reader closed the connection before the end of the answer.
        }

        return socket;
    }

    static Task<Reading<GatewayHealth>> AskAsync(TcpListener server) => AskAsync((IPEndPoint)server.LocalEndpoint);

    static async Task<Reading<GatewayHealth>> AskAsync(IPEndPoint endpoint)
    {
        using var reader = new GatewayHealthReader(
            new($"http://{endpoint}/health"),
            TimeSpan.FromMinutes(1),
            TimeSpan.FromSeconds(2)
        );
        return await reader.AskAsync(TestContext.Current.CancellationToken);
    }
}
