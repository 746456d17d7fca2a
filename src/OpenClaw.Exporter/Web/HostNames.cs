using System.Collections.Immutable;
using System.Net;

namespace OpenClaw.Exporter.Web;

/// <summary>
/// The names of the server that browsers may use. A page of another site can let its own name lead to this server (DNS
/// rebinding), and would then read the metrics. Only browsers do that: a scraper may use any name.
/// </summary>
/// <param name="allowed">Further names; "*" allows all.</param>
sealed class HostNames(ImmutableArray<string> allowed)
{
    /// <summary>Returns true where a browser asks for a name that is not allowed.</summary>
    public bool Refuses(HttpRequest request)
    {
        var name = request.Host.Host;
        return name.Length > 0
            && !IPAddress.TryParse(name.Trim('[', ']'), out _)
            && !IsOwn(name)
            && !allowed.Contains(name, StringComparer.OrdinalIgnoreCase)
            && !allowed.Contains("*")
            && IsFromBrowser(request.Headers);
    }

    static bool IsOwn(string name) =>
        name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || name.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Returns true for headers that scripts cannot change (Fetch, forbidden request headers), or a browser's name.
    /// </summary>
    static bool IsFromBrowser(IHeaderDictionary headers) =>
        headers.ContainsKey("Sec-Fetch-Site")
        || headers.ContainsKey("Sec-Fetch-Mode")
        || headers.Origin.Count > 0
        || headers.UserAgent.ToString().StartsWith("Mozilla/", StringComparison.Ordinal);
}
