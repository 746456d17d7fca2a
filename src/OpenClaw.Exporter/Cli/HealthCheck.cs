using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// Asks a running exporter on this machine whether it serves, for container engines: their images have no shell or
/// curl.
/// </summary>
static class HealthCheck
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Null when it serves, else why not. Who refuses this question for what is asked of clients serves as well.
    /// </summary>
    /// <param name="listening">Where the exporter listens, as its flag or environment variable says.</param>
    /// <param name="path">What is asked for.</param>
    /// <param name="stop">Ends it early.</param>
    public static async Task<string?> RunAsync(IPEndPoint listening, string path, CancellationToken stop)
    {
        var address =
            listening.Address.Equals(IPAddress.IPv6Any) || listening.Address.Equals(IPAddress.Any)
                ? IPAddress.Loopback
                : listening.Address;
        var endpoint = new IPEndPoint(address, listening.Port);
        var failure = await AskAsync(new($"http://{endpoint}{path}"), stop);

        // Whoever serves TLS hangs up on plain text.
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

                // Who answers on this machine is not in doubt, and nothing is told to them: the certificate is for
                // others.
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
            // It wants one in turn.
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

    /// <summary>It wants a password, or has too much to do; only whether it is ready, it says with 503, too.</summary>
    static bool IsBusyOrLocked(HttpStatusCode status, string path) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests
        || (status == HttpStatusCode.ServiceUnavailable && path == ServedPaths.Alive);

    /// <summary>
    /// A connection that is reset at its end: in TIME_WAIT it would keep a port for a minute where ports may be scarce.
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
