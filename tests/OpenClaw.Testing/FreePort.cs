using System.Net;
using System.Net.Sockets;

namespace OpenClaw.Testing;

/// <summary>A TCP port of 127.0.0.1 that nobody listens on at the moment.</summary>
public static class FreePort
{
    /// <summary>Returns a port that the kernel gave out and that is free again.</summary>
    public static int Find()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        return ((IPEndPoint)taken.LocalEndpoint).Port;
    }
}
