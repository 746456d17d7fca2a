using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Cli;

/// <summary>A request to the server that listens on this machine, with TLS where the server speaks it.</summary>
/// <param name="listening">The address of the server, from its flag or environment variable.</param>
/// <param name="path">The path to request.</param>
/// <param name="patience">The time limit.</param>
sealed class LocalRequest(IPEndPoint listening, string path, TimeSpan patience)
{
    /// <summary>The limit on the length of an answer.</summary>
    const int BytesAtMost = 16 << 20;

    /// <summary>True where no packet may be sent for the request, only the Unix socket be asked.</summary>
    public bool IsSilent { get; init; }

    readonly IPEndPoint _endpoint = new(
        listening.Address.Equals(IPAddress.IPv6Any) || listening.Address.Equals(IPAddress.Any)
            ? IPAddress.Loopback
            : listening.Address,
        listening.Port
    );

    SocketPeer? _peer;

    /// <summary>Sends the request and returns the answer.</summary>
    /// <param name="stop">Cancels the request.</param>
    public async Task<LocalAnswer> SendAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(patience);
        var answer = await AskAsync(new($"http://{_endpoint}{path}"), limit.Token, stop);

        // A server with TLS closes a connection with plain text.
        return
            answer is { Error.HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse }
            || answer is { Error.InnerException: IOException }
            ? await AskAsync(new($"https://{_endpoint}{path}"), limit.Token, stop)
            : answer;
    }

    async Task<LocalAnswer> AskAsync(Uri address, CancellationToken limit, CancellationToken stop)
    {
        var hasShownCertificate = false;
        using var client = new HttpClient(
            new SocketsHttpHandler
            {
                UseProxy = false,
                AllowAutoRedirect = false,
                ConnectCallback = ConnectAsync,

                // The client need not verify the server's identity: it runs on this machine and sends no secret. So any
                // certificate is accepted.
#pragma warning disable CA5359
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, _, _, _) => hasShownCertificate = true,
                },
#pragma warning restore CA5359
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = BytesAtMost,
        };
        try
        {
            using var answer = await client.GetAsync(address, limit);
            return new(address)
            {
                Status = answer.StatusCode,
                Body = await answer.Content.ReadAsByteArrayAsync(limit),
                Peer = _peer,
            };
        }
        catch (HttpRequestException error)
        {
            return new(address)
            {
                Failure = error.Message,
                Error = error,
                DemandsCertificate = hasShownCertificate,
            };
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new(address) { Failure = $"no answer within {patience.TotalSeconds:0} s" };
        }
    }

    /// <summary>
    /// Connects through the server's Unix socket, else over TCP. The connection is reset at its end: in TIME_WAIT it
    /// would keep a port for a minute, and ports may be scarce.
    /// </summary>
    async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        try
        {
            var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            var stream = await ConnectAsync(local, LocalSocket.EndPoint(_endpoint.Port), stop);
            _peer = SocketPeer.Read(local);
            return stream;
        }
        catch (SocketException) when (!IsSilent)
        {
            return await ConnectAsync(
                new(SocketType.Stream, ProtocolType.Tcp) { LingerState = new(true, 0) },
                context.DnsEndPoint,
                stop
            );
        }
    }

    static async ValueTask<Stream> ConnectAsync(Socket socket, EndPoint address, CancellationToken stop)
    {
        try
        {
            await socket.ConnectAsync(address, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
