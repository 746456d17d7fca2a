using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

public class HealthCheckTests
{
    /// <summary>
    /// A server that refuses a client for its credentials or its rate is alive. Only /readyz treats status 503 as a
    /// failure.
    /// </summary>
    [Theory]
    [InlineData("/healthz", 200, false, null)]
    [InlineData("/healthz", 200, true, null)]
    [InlineData("/healthz", 401, true, null)]
    [InlineData("/healthz", 429, false, null)]
    [InlineData("/healthz", 503, false, null)]
    [InlineData("/healthz", 500, false, "status 500 why")]
    [InlineData("/healthz", 404, true, "status 404 why")]
    [InlineData("/readyz", 401, true, null)]
    [InlineData("/readyz", 429, true, null)]
    [InlineData("/readyz", 503, false, "status 503 why")]
    public async Task It_asks_what_listens_there(string path, int status, bool hasTls, string? failure)
    {
        using var certificate = SelfSigned();
        await using var server = Serve(IPAddress.Any, status, options =>
        {
            if (hasTls)
                options.UseHttps(certificate);
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        var port = new Uri(server.Urls.Single()).Port;

        var said = await HealthCheck.RunAsync(
            new(IPAddress.IPv6Any, port),
            path,
            TestContext.Current.CancellationToken
        );

        var scheme = hasTls ? "https" : "http";
        Assert.Equal(failure is null ? null : $"{scheme}://127.0.0.1:{port}{path}: {failure}", said);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_server_that_demands_a_certificate_is_healthy(SslProtocols version)
    {
        using var certificate = SelfSigned();
        await using var server = Serve(IPAddress.Loopback, 200, options => options.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.SslProtocols = version;
            }));
        await server.StartAsync(TestContext.Current.CancellationToken);

        Assert.Null(
            await HealthCheck.RunAsync(
                new(IPAddress.Loopback, new Uri(server.Urls.Single()).Port),
                "/healthz",
                TestContext.Current.CancellationToken
            )
        );
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

        var said = await HealthCheck.RunAsync(
            new(IPAddress.Loopback, port),
            "/healthz",
            TestContext.Current.CancellationToken
        );

        Assert.StartsWith($"http://127.0.0.1:{port}/healthz: Connection refused", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_ready_when_some_pool_can_be_read()
    {
        using var machine = new FilledMachine();
        Assert.Null(HealthEndpoints.Unready(await machine.DiagnoseAsync()));

        var snapshot = (await machine.DiagnoseAsync()).Snapshot;
        Assert.Equal(
            "no pool could be read: every collector is disabled",
            HealthEndpoints.Unready(Diagnosis.Judge(snapshot.Only(static _ => false)))
        );
        var blind = await new Sampler(
            [
                .. KernelReaders
                    .All(new ProcMount("/nowhere"), new Regex("openclaw"), 10)
                    .Where(static reader => reader.Name == "file_nr"),
            ],
            TimeProvider.System
        ).SampleAsync(TimeSpan.FromSeconds(10));
        Assert.Contains(
            "/nowhere/sys/fs/file-nr",
            HealthEndpoints.Unready(Diagnosis.Judge(blind)),
            StringComparison.Ordinal
        );
    }

    static WebApplication Serve(IPAddress address, int status, Action<ListenOptions> listen)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.Listen(address, 0, listen));
        var server = builder.Build();
        server.MapGet("/{path}", (HttpContext context) =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("why\n");
        });
        return server;
    }

    static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=somebody", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
    }
}
