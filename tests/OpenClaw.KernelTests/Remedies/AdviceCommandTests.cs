using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.KernelTests;

/// <summary>The commands that an advice names show what it says.</summary>
public partial class AdviceCommandTests
{
    /// <summary>Without -a, ss leaves out UDP sockets without a peer: almost all servers.</summary>
    [Fact]
    public void The_command_for_lost_datagrams_shows_the_socket_and_its_drops()
    {
        const int port = 5000;
        const int sent = 100;
        using var netns = new PrivateNamespace();
        using var server = netns.Run(static () => new Socket(SocketType.Dgram, ProtocolType.Udp));
        server.ReceiveBufferSize = 1;
        server.Bind(new IPEndPoint(IPAddress.Loopback, port));
        using var client = netns.Run(static () => new Socket(SocketType.Dgram, ProtocolType.Udp));
        for (var i = 0; i < sent; i++)
            client.SendTo(new byte[500], new IPEndPoint(IPAddress.Loopback, port));

        foreach (var advice in (string[])[Alert.UdpBufferErrors.Advice, PoolCatalogue.UdpMemoryBytes.Remedy])
        {
            var shown = netns.Command("ss", Flags().Match(advice).Groups[1].Value);

            Assert.Contains($":{port} ", shown, StringComparison.Ordinal);
            Assert.Matches(@",d[1-9]\d*\)", shown);
        }
    }

    [GeneratedRegex(@"\bss (-\w+)")]
    private static partial Regex Flags();
}
