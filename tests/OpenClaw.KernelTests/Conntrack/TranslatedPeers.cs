using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>Address translation with fewer source ports than there are connections to one remote.</summary>
static class TranslatedPeers
{
    /// <summary>The number of source ports in the rule.</summary>
    public const int Ports = 20;

    /// <summary>The lowest source port in the rule.</summary>
    const int First = 2000;

    /// <summary>Translates connections to some ports of 127.0.0.0/8. Another call replaces the rule.</summary>
    /// <param name="netns">The namespace.</param>
    /// <param name="protocol">The protocol: tcp or udp.</param>
    /// <param name="remotePorts">The ports of the remotes, as nft writes them.</param>
    /// <param name="ports">The number of source ports.</param>
    public static void Translate(PrivateNamespace netns, string protocol, string remotePorts, int ports = Ports)
    {
        var nft = InstalledProgram.Find("nft");
        netns.Command(nft, "add table ip n; add chain ip n p { type nat hook postrouting priority 100; }");
        netns.Command(
            nft,
            "flush chain ip n p; "
                + $"add rule ip n p {protocol} dport {remotePorts} snat to 127.0.0.9:{First}-{First + ports - 1}"
        );
    }

    /// <summary>Uses up the source ports by datagrams; returns an action that sends one from another socket.</summary>
    public static Action Exhaust(PrivateNamespace netns)
    {
        const int port = 7000;
        Translate(netns, "udp", $"{port}");
        // The entries last longer than the test.
        netns.Sysctl("net.netfilter.nf_conntrack_udp_timeout", "600");
        for (var i = 0; i < Ports; i++)
            netns.Run(Send);
        return Send;

        static void Send()
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                socket.SendTo([0], new IPEndPoint(IPAddress.Loopback, port));
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AccessDenied)
            {
                // EPERM: dropped.
            }
        }
    }
}
