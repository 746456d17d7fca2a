using System.Globalization;
using System.Net.Sockets;

namespace OpenClaw.Exporter.Configuration;

/// <summary>
/// The Unix socket on which a server also answers the commands of its network namespace. It takes no port and no entry
/// in the connection tracking table, so that a command gets its answer where these are exhausted.
/// </summary>
static class LocalSocket
{
    /// <summary>
    /// Returns the address in the abstract namespace of unix(7). It needs no directory to write to, and vanishes with
    /// the server.
    /// </summary>
    /// <param name="port">The TCP port of the server.</param>
    public static UnixDomainSocketEndPoint EndPoint(int port) =>
        new($"\0openclaw-exporter:{port.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Returns true for an address that clients on the network can use.</summary>
    /// <param name="url">An address on which the server listens.</param>
    public static bool IsOnNetwork(string url) => !url.Contains("://unix:", StringComparison.Ordinal);
}
