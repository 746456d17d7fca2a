using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// For each kind of listener at the socket, a command gets an answer soon, and one line about it at most.
/// </summary>
[Collection(nameof(EnvironmentTests))]
public sealed class RunningExporterTests : IDisposable
{
    readonly TextWriter _console = Console.Error;
    readonly StringWriter _errors = new();
    readonly int _port = FreePort.Find();

    public RunningExporterTests() => Console.SetError(_errors);

    public void Dispose()
    {
        Console.SetError(_console);
        _errors.Dispose();
    }

    [Theory]
    [InlineData(401, "user name and password required", ": status 401 user name and password required")]
    [InlineData(404, "", ": status 404")]
    [InlineData(503, "no snapshot yet", ": status 503 no snapshot yet")]
    [InlineData(302, "", ": status 302")]
    [InlineData(200, "<html>Welcome to \e[31mnginx", ": not the timeline of an exporter")]
    [InlineData(200, "{\"version\":\"0.0.1-old\"}", ": it runs version 0.0.1-old, this is ")]
    [InlineData(500, "a\r\nb\e[31m", @": status 500 a b\x1b[31m")]
    public async Task An_exporter_without_history_is_named(int status, string body, string said)
    {
        await using var server = await ServeAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });

        Assert.Null(await AskAsync());

        Assert.StartsWith(
            $"openclaw-exporter: no history: http://127.0.0.1:{_port}{ServedPaths.Timeline}{said}",
            Line(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_server_that_hangs_costs_one_second()
    {
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(LocalSocket.EndPoint(_port));
        silent.Listen();
        var start = Stopwatch.GetTimestamp();

        Assert.Null(await AskAsync());

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.9, 3);
        Assert.EndsWith("no answer within 2 s", Line(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_ends_its_answer_costs_one_second()
    {
        await using var server = await ServeAsync(static async context =>
        {
            while (true)
            {
                await context.Response.WriteAsync("[[[[[[", context.RequestAborted);
                await Task.Delay(50, context.RequestAborted);
            }
        });
        var start = Stopwatch.GetTimestamp();

        Assert.Null(await AskAsync());

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.9, 3);
        Assert.EndsWith("no answer within 2 s", Line(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_of_any_length_is_cut_off()
    {
        await using var server = await ServeAsync(static async context =>
        {
            var bytes = new byte[1 << 20];
            for (var i = 0; i < 100; i++)
                await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        });

        Assert.Null(await AskAsync());
        Assert.NotEmpty(Line());
    }

    /// <summary>No packet is sent: it would be one more to be dropped where packets are dropped.</summary>
    [Fact]
    public async Task Where_no_exporter_listens_nothing_is_sent_and_nothing_said()
    {
        using var other = new TcpListener(IPAddress.Loopback, _port);
        other.Start();

        Assert.Null(await AskAsync());

        Assert.Equal("", _errors.ToString());
        Assert.False(other.Pending());
    }

    Task<Status.TimelineDocument?> AskAsync() =>
        new RunningExporter(new(IPAddress.Loopback, _port)).AskForTimelineAsync(TestContext.Current.CancellationToken);

    string Line() => Assert.Single(_errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));

    async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(LocalSocket.EndPoint(_port)));
        var server = builder.Build();
        server.MapGet(ServedPaths.Timeline, answer);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }
}
