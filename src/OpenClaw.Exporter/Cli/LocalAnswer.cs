using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OpenClaw.Exporter.Cli;

/// <summary>The answer of a server on this machine, or the reason why there is none.</summary>
/// <param name="Address">The address that was asked.</param>
sealed record LocalAnswer(Uri Address)
{
    /// <summary>The status; null without an answer.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>The body; empty without an answer.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>The reason why there is no answer; null when there is one.</summary>
    public string? Failure { get; init; }

    /// <summary>The exception with that reason; null where the server was only silent.</summary>
    public HttpRequestException? Error { get; init; }

    /// <summary>True where a server with TLS demanded a client certificate.</summary>
    public bool DemandsCertificate { get; init; }

    /// <summary>The process that listens at the Unix socket; null where the request went over TCP.</summary>
    public SocketPeer? Peer { get; init; }

    /// <summary>True for a status of 200 to 299.</summary>
    public bool IsSuccess => (int?)Status is >= 200 and < 300;

    /// <summary>True where no process listens at the address.</summary>
    public bool IsNobodyThere =>
        Error?.InnerException
            is SocketException
            {
                SocketErrorCode: SocketError.ConnectionRefused
                    or SocketError.NetworkUnreachable
                    or SocketError.HostUnreachable
            };

    /// <summary>The address with the reason, or with the status and the body.</summary>
    public string Text =>
        $"{Address}: {Failure ?? $"status {(int?)Status} {Encoding.UTF8.GetString(Body).Trim()}"}".TrimEnd();
}
