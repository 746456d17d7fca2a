using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>Connections that stay half open, because the listener's answers never arrive.</summary>
static class SynFlood
{
    const int Port = 8081;

    /// <summary>
    /// Sends one SYN per connection, without a retransmission, to a listener and returns the listener.
    /// </summary>
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
                // The client closes while its SYN is in flight, so that the kernel does not retransmit it: that would
                // be a second drop.
                using var client = Open();
                client.Blocking = false;
                Assert.Throws<SocketException>(() => client.Connect(endpoint));
            }

            return listener;
        });

        Socket Open() => new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    }
}
