using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// Checks whether a running exporter on this machine serves. Container engines need it, because their images have no
/// shell or curl.
/// </summary>
static class HealthCheck
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Returns null when the exporter serves, else the reason why not. An exporter that demands a password or
    /// certificate, or is too busy, counts as serving.
    /// </summary>
    /// <param name="listening">The address of the exporter, from its flag or environment variable.</param>
    /// <param name="path">The path to request.</param>
    /// <param name="stop">Cancels the check.</param>
    public static async Task<string?> RunAsync(IPEndPoint listening, string path, CancellationToken stop)
    {
        var address =
            listening.Address.Equals(IPAddress.IPv6Any) || listening.Address.Equals(IPAddress.Any)
                ? IPAddress.Loopback
                : listening.Address;
        var endpoint = new IPEndPoint(address, listening.Port);
        var failure = await AskAsync(new($"http://{endpoint}{path}"), stop);

        // A server with TLS closes a connection with plain text.
        return
            failure is { Error.HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse }
            || failure is { Error.InnerException: IOException }
            ? (await AskAsync(new($"https://{endpoint}{path}"), stop))?.Text
            : failure?.Text;
    }

    static async Task<(string Text, HttpRequestException? Error)?> AskAsync(Uri address, CancellationToken stop)
    {
        var hasShownCertificate = false;
        using var client = new HttpClient(
            new SocketsHttpHandler
            {
                UseProxy = false,
                AllowAutoRedirect = false,
                ConnectCallback = ConnectAsync,

                // The check need not verify the server's identity: it runs on this machine and sends no secret. So any
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
            Timeout = Timeout,
        };
        try
        {
            using var answer = await client.GetAsync(address, stop);
            if (answer.IsSuccessStatusCode || IsBusyOrLocked(answer.StatusCode, address.AbsolutePath))
                return null;
            var body = await answer.Content.ReadAsStringAsync(stop);
            return ($"{address}: status {(int)answer.StatusCode} {body.Trim()}".TrimEnd(), null);
        }
        catch (HttpRequestException) when (hasShownCertificate)
        {
            // The server demands a client certificate.
            return null;
        }
        catch (HttpRequestException error)
        {
            return ($"{address}: {error.Message}", error);
        }
        catch (TaskCanceledException) when (!stop.IsCancellationRequested)
        {
            return ($"{address}: no answer within {Timeout.TotalSeconds:0} s", null);
        }
    }

    /// <summary>
    /// Returns true where the exporter demands a password or is busy. A 503 counts as busy except for /readyz, where it
    /// means "not ready".
    /// </summary>
    static bool IsBusyOrLocked(HttpStatusCode status, string path) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests
        || (status == HttpStatusCode.ServiceUnavailable && path == ServedPaths.Alive);

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
