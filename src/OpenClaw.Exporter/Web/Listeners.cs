using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Web;

/// <summary>The sockets that the server listens on, with the limits for clients.</summary>
static partial class Listeners
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Listens on these addresses, or else on inherited sockets.</summary>
    public static void Open(
        this KestrelServerOptions options,
        ImmutableArray<IPEndPoint> addresses,
        int inherited,
        CurrentWebSettings settings
    )
    {
        var places = new Places(ExporterBounds.Connections);
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.MaxRequestHeaderCount = 50;
        options.Limits.MaxRequestHeadersTotalSize = 16 << 10;

        // These limits are for a client that sends half a request, or does not read the response. A limit for silent
        // clients follows below. Between two scrapes, an open connection may be idle for minutes.
        options.Limits.RequestHeadersTimeout = Patience;
        options.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(5);
        options.Limits.MinResponseDataRate = new(bytesPerSecond: 16 << 10, gracePeriod: TimeSpan.FromSeconds(5));
        options.Limits.MaxResponseBufferSize = ExporterBounds.UnreadAnswerBytes;
        options.Limits.Http2.MaxStreamsPerConnection = ExporterBounds.Http2Streams;
        if (inherited == 0)
        {
            foreach (var address in addresses)
                options.Listen(Possible(address), Speak);
            foreach (var port in addresses.Select(static address => address.Port).Distinct())
                ListenLocally(options, port, Speak);
            return;
        }

        for (var descriptor = InheritedSockets.First; descriptor < InheritedSockets.First + inherited; descriptor++)
        {
            using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
            if (socket.LocalEndPoint is IPEndPoint { Port: var port })
                ListenLocally(options, port, Speak);
            options.ListenHandle((ulong)descriptor, Speak);
        }

        void Speak(ListenOptions listener)
        {
            var isTls = settings.Value.Tls is not null;
            var refusals = listener.ApplicationServices.GetRequiredService<Refusals>();
            listener.Use(next => connection => TakesPlaceAsync(connection, next, places, refusals));
            listener.Use(SpeaksSoon);
            listener.Protocols = isTls && settings.Value.Http2 ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
            if (!isTls)
                return;
            var logger = listener.ApplicationServices.GetRequiredService<ILogger<CurrentWebSettings>>();
            listener.UseHttps(
                new TlsHandshakeCallbackOptions
                {
                    HandshakeTimeout = Patience,
                    OnConnection = context =>
                        ValueTask.FromResult(settings.Value.Tls!.Handshake(reason => ClientRefused(logger, reason))),
                }
            );
            listener.Use(SpeaksSoon);
        }
    }

    /// <summary>
    /// Listens on the Unix socket of a port. Where another process has its name, or a filter forbids such sockets, the
    /// commands do without the history.
    /// </summary>
    static void ListenLocally(KestrelServerOptions options, int port, Action<ListenOptions> speak)
    {
        // The kernel chooses the TCP port, so that no command knows it.
        if (port == 0)
            return;
        var address = LocalSocket.EndPoint(port);
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(address);
        }
        catch (SocketException error)
        {
            NoLocalSocket(
                options.ApplicationServices.GetRequiredService<ILogger<CurrentWebSettings>>(),
                port,
                error.Message
            );
            return;
        }

        options.Listen(address, speak);
    }

    /// <summary>
    /// Returns all addresses of IPv4 where all of both families are requested and the kernel has no IPv6
    /// (ipv6.disable=1).
    /// </summary>
    internal static IPEndPoint Possible(IPEndPoint address) =>
        address.Address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6
            ? new(IPAddress.Any, address.Port)
            : address;

    /// <summary>
    /// Closes a connection whose client sends nothing at first. The server's own limit applies only between two
    /// requests.
    /// </summary>
    static ConnectionDelegate SpeaksSoon(ConnectionDelegate next) =>
        async connection =>
        {
            var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested
                ?? CancellationToken.None;
            using (var silence = CancellationTokenSource.CreateLinkedTokenSource(stopping, connection.ConnectionClosed))
            {
                silence.CancelAfter(Patience);
                try
                {
                    var first = await connection.Transport.Input.ReadAsync(silence.Token);

                    // The bytes are not consumed, so that the server reads them again.
                    connection.Transport.Input.AdvanceTo(first.Buffer.Start);
                }
                catch (Exception error) when (error is OperationCanceledException or IOException)
                {
                    return;
                }
            }

            await next(connection);
        };

    /// <summary>Gives a connection a place. The door finds it among the features of the connection.</summary>
    static async Task TakesPlaceAsync(
        ConnectionContext connection,
        ConnectionDelegate next,
        Places places,
        Refusals refusals
    )
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        var place = places.TryTake(address, isIdle: true, () => connection.Abort(), out var hasEvicted);
        if (hasEvicted)
            refusals.Count(Refusal.Evicted, Client());
        if (place is null)
        {
            refusals.Count(Refusal.Connections, Client());
            connection.Abort();
            return;
        }

        connection.Features.Set(place);
        try
        {
            await next(connection);
        }
        finally
        {
            places.Free(place);
        }

        string Client() => address?.ToString() ?? "a local client";
    }

    /// <summary>
    /// Logs a refused certificate, at debug level: every client that can connect can cause this message.
    /// </summary>
    [LoggerMessage(LogLevel.Debug, "Client certificate refused: {Reason}")]
    static partial void ClientRefused(ILogger logger, string reason);

    /// <summary>Logs that the commands have no history.</summary>
    [LoggerMessage(
        LogLevel.Warning,
        "No Unix socket beside port {Port}; diagnose and status lack the history: {Reason}"
    )]
    static partial void NoLocalSocket(ILogger logger, int port, string reason);
}
