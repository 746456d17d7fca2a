using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace OpenClaw.Exporter.Cli;

/// <summary>A request to the server that listens on this machine, with TLS where the server speaks it.</summary>
/// <param name="listening">The address of the server, from its flag or environment variable.</param>
/// <param name="path">The path to request.</param>
/// <param name="patience">The time limit.</param>
sealed class LocalRequest(IPEndPoint listening, string path, TimeSpan patience)
{
    /// <summary>The limit on the length of an answer.</summary>
    const int BytesAtMost = 16 << 20;

    readonly IPEndPoint _endpoint = new(
        listening.Address.Equals(IPAddress.IPv6Any) || listening.Address.Equals(IPAddress.Any)
            ? IPAddress.Loopback
            : listening.Address,
        listening.Port
    );

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
            return new(address) { Status = answer.StatusCode, Body = await answer.Content.ReadAsByteArrayAsync(limit) };
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
    /// Opens a connection that is reset at its end. In TIME_WAIT it would keep a port for a minute, and ports may be
    /// scarce.
    /// </summary>
    static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { LingerState = new(true, 0) };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
