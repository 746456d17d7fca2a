using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OpenClaw.DeployTests;

/// <summary>
/// A package registry on loopback with one package in two versions. The first one has a known vulnerability. Its
/// addresses are those of the NuGet server API.
/// </summary>
sealed class PackageFeed : IAsyncDisposable
{
    public const string Package = "Made.Up";
    public const string Vulnerable = "1.0.0";
    public const string Mended = "1.0.1";

    readonly WebApplication _server;

    PackageFeed(WebApplication server) => _server = server;

    /// <summary>The address of the registry.</summary>
    public string Address => _server.Urls.Single() + "/index.json";

    /// <summary>Starts the registry.</summary>
    public static async Task<PackageFeed> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static options => options.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        server.MapGet("/index.json", (HttpRequest request) => Index($"http://{request.Host}"));
        server.MapGet("/vulnerabilities.json", (HttpRequest request) => Pages($"http://{request.Host}"));
        server.MapGet("/page.json", static () => Text(Page));
        server.MapGet("/flat/made.up/index.json", static () =>
            Text($$"""{"versions":["{{Vulnerable}}","{{Mended}}"]}""")
        );
        server.MapGet("/flat/made.up/{version}/{file}", static (string version, string file) =>
            Results.Bytes(Archive(version), "application/octet-stream")
        );
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new(server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    static string Page =>
        $$"""{"made.up":[{"severity":0,"url":"https://example.invalid/advisory","versions":"[{{Vulnerable}}]"}]}""";

    static IResult Index(string address) =>
        Text(
            $$"""
            {"version":"3.0.0","resources":[
              {"@id":"{{address}}/flat/","@type":"PackageBaseAddress/3.0.0"},
              {"@id":"{{address}}/vulnerabilities.json","@type":"VulnerabilityInfo/6.7.0"}]}
            """
        );

    static IResult Pages(string address) =>
        Text($$"""[{"@name":"base","@id":"{{address}}/page.json","@updated":"2026-01-01T00:00:00Z","comment":""}]""");

    static IResult Text(string json) => Results.Text(json, "application/json");

    static byte[] Archive(string version)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            using var writer = new StreamWriter(archive.CreateEntry($"{Package}.nuspec").Open());
            writer.Write(
                $"""
                <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata>
                <id>{Package}</id><version>{version}</version><authors>a</authors><description>d</description>
                </metadata></package>
                """
            );
        }

        return bytes.ToArray();
    }
}
