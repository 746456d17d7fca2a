using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace OpenClaw.Testing;

/// <summary>
/// Receives OTLP pushes of metrics on loopback, by HTTP or gRPC, and decodes them without OpenTelemetry's own code.
/// </summary>
sealed class OtlpReceiver : IAsyncDisposable
{
    readonly Channel<OtlpMetrics> _received = Channel.CreateUnbounded<OtlpMetrics>();
    readonly WebApplication _server;

    OtlpReceiver(WebApplication server) => _server = server;

    /// <summary>The address of all signals.</summary>
    public string Endpoint => _server.Urls.Single();

    /// <summary>The number of received requests.</summary>
    public int Requests { get; private set; }

    /// <summary>Answers a request instead of the receiver; false lets the receiver take it.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = static _ => Task.FromResult(false);

    /// <summary>Starts a receiver.</summary>
    /// <param name="isGrpc">True for a receiver of HTTP/2 only, as gRPC needs.</param>
    /// <param name="port">The port; 0 for any.</param>
    /// <param name="bind">Creates the listening socket.</param>
    public static async Task<OtlpReceiver> StartAsync(
        bool isGrpc = false,
        int port = 0,
        Func<EndPoint, Socket>? bind = null
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSockets(options =>
            options.CreateBoundListenSocket = bind ?? SocketTransportOptions.CreateDefaultBoundListenSocket
        );
        builder.WebHost.ConfigureKestrel(options =>
            options.Listen(IPAddress.Loopback, port, listen =>
                listen.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1
            )
        );
        var receiver = new OtlpReceiver(builder.Build());
        receiver._server.Run(receiver.TakeAsync);
        await receiver._server.StartAsync();
        return receiver;
    }

    /// <summary>The next push, in the order of arrival.</summary>
    public async Task<OtlpMetrics> NextAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        return await _received.Reader.ReadAsync(limit.Token);
    }

    /// <summary>Forgets the pushes received so far.</summary>
    public void Forget()
    {
        while (_received.Reader.TryRead(out _)) { }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(0);
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
    }

    async Task TakeAsync(HttpContext context)
    {
        Requests++;
        if (await Instead(context))
            return;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);

        // In gRPC five bytes precede the message: one says whether it is compressed, four are its length.
        var isGrpc = context.Request.ContentType == "application/grpc";
        var headers = context.Request.Headers.ToImmutableDictionary(
            static header => header.Key,
            static header => header.Value.ToString(),
            StringComparer.OrdinalIgnoreCase
        );
        _received.Writer.TryWrite(OtlpMetrics.Parse(context.Request.Path, headers, body.ToArray()[(isGrpc ? 5 : 0)..]));
        if (!isGrpc)
            return;
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
