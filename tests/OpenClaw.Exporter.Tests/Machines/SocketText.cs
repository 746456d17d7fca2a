using System.Net;
using System.Net.Sockets;
using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Exporter.Tests;

/// <summary>The text of /proc/net/tcp, tcp6, udp and udp6, as the kernel prints it on this machine.</summary>
static class SocketText
{
    public const string Header =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    /// <summary>A row as get_tcp4_sock() prints it.</summary>
    /// <param name="state">The state.</param>
    /// <param name="source">The local address and port.</param>
    /// <param name="destination">The remote address and port; null for none.</param>
    /// <param name="timer">The timer that runs; 3 is TIME_WAIT.</param>
    /// <param name="ticks">The time until the timer expires, in hundredths of a second.</param>
    /// <param name="received">rx_queue: for a listener, the connections that wait.</param>
    /// <param name="sent">tx_queue.</param>
    /// <param name="inode">The inode; 0 for a socket without a process.</param>
    public static string Row(
        TcpState state,
        string source,
        string? destination = null,
        byte timer = 0,
        uint ticks = 0,
        uint received = 0,
        uint sent = 0,
        uint inode = 4711
    )
    {
        var from = IPEndPoint.Parse(source);
        var any = from.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        var to = destination is null ? new(any, 0) : IPEndPoint.Parse(destination);
        return $"   0: {Words(from)} {Words(to)} {(int)state:X2} {sent:X8}:{received:X8} {timer:X2}:{ticks:X8} "
            + $"00000000     0        0 {inode} 1 00000000c081d865 100 0 0 10 0\n";
    }

    /// <summary>The kernel prints every 32 bits of an address as it reads them from memory.</summary>
    static string Words(IPEndPoint endpoint) =>
        string.Concat(
            endpoint.Address.GetAddressBytes().Chunk(4).Select(static word => $"{BitConverter.ToUInt32(word):X8}")
        ) + $":{endpoint.Port:X4}";
}
