using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>Connections that stay half open, because the answers of the listener never arrive.</summary>
static class SynFlood
{
    const int Port = 8081;

    /// <summary>Sends SYNs, one a connection and none again, to a listener that it returns.</summary>
    public static Socket SendSyns(this PrivateNamespace netns, string address, int backlog, int count)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(address), Port);
        var nft = InstalledProgram.Find("nft");
        netns.Command(
            nft,
            $"add table inet t; add chain inet t o {{ type filter hook output priority 0; }}; add rule inet t o "
                + $"tcp sport {Port} drop"
        );
        return netns.Run(() =>
        {
            var listener = Open();
            listener.Bind(endpoint);
            listener.Listen(backlog);
            for (var i = 0; i < count; i++)
            {
                // Closed while its SYN is under way, so that it is not sent again; a second would be a second drop.
                using var client = Open();
                client.Blocking = false;
                Assert.Throws<SocketException>(() => client.Connect(endpoint));
            }

            return listener;
        });

        Socket Open() => new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    }
}
