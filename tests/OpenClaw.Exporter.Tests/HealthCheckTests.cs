using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OpenClaw.Exporter.Cli;

namespace OpenClaw.Exporter.Tests;

public class HealthCheckTests
{
    [Theory]
    [InlineData(200, false, null)]
    [InlineData(200, true, null)]
    [InlineData(401, true, null)]
    [InlineData(503, false, "status 503")]
    [InlineData(503, true, "status 503")]
    public async Task It_asks_what_listens_there(int status, bool hasTls, string? failure)
    {
        using var certificate = SelfSigned();
        await using var server = Serve(IPAddress.Any, status, options =>
        {
            if (hasTls)
                options.UseHttps(certificate);
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        var port = new Uri(server.Urls.Single()).Port;

        var said = await HealthCheck.RunAsync(new(IPAddress.IPv6Any, port), TestContext.Current.CancellationToken);

        Assert.Equal(failure is null ? null : $"{(hasTls ? "https" : "http")}://127.0.0.1:{port}/healthz: {failure}", said);
    }

    [Fact]
    public async Task Nobody_there_is_said_with_the_address()
    {
        int port;
        using (var taken = new TcpListener(IPAddress.Loopback, 0))
        {
            taken.Start();
            port = ((IPEndPoint)taken.LocalEndpoint).Port;
        }

        var said = await HealthCheck.RunAsync(new(IPAddress.Loopback, port), TestContext.Current.CancellationToken);

        Assert.StartsWith($"http://127.0.0.1:{port}/healthz: Connection refused", said, StringComparison.Ordinal);
    }

    static WebApplication Serve(IPAddress address, int status, Action<ListenOptions> listen)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.Listen(address, 0, listen));
        var server = builder.Build();
        server.MapGet("/healthz", (HttpContext context) => context.Response.StatusCode = status);
        return server;
    }

    static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=somebody", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
