using System.Net;
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
        var answer = await new LocalRequest(listening, path, Timeout).SendAsync(stop);
        return answer.IsSuccess || answer.DemandsCertificate || IsBusyOrLocked(answer.Status, path)
            ? null
            : answer.Text;
    }

    /// <summary>
    /// Returns true where the exporter demands a password or is busy. A 503 counts as busy except for /readyz, where it
    /// means "not ready".
    /// </summary>
    static bool IsBusyOrLocked(HttpStatusCode? status, string path) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests
        || (status == HttpStatusCode.ServiceUnavailable && path == ServedPaths.Alive);
}
