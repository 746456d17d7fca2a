using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OpenClaw.KernelTests;

public class InterfaceDropTests
{
    const int Packets = 37;

    /// <summary>
    /// A packet above the MTU of the veth peer is a drop on both ends. The sender counts it on transmit, the peer on
    /// receive.
    /// </summary>
    [Fact]
    [Provokes("interface_drops_total")]
    public void Packets_too_long_for_the_other_end_are_dropped_there_and_here()
    {
        using var netns = new PrivateNamespace();
        netns.MakeVeth();
        netns.Batch("link set v0 mtu 1500", "link set v1 mtu 1000");
        Assert.Empty(Drops(netns));

        netns.Run(static () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            for (var i = 0; i < Packets; i++)
                socket.SendTo(new byte[1200], new IPEndPoint(IPAddress.Parse("10.9.0.2"), 9));
        });

        Assert.Equal(
            new Dictionary<string, double>
            {
                ["v0 receive"] = 0,
                ["v0 transmit"] = Packets,
                ["v1 receive"] = Packets,
                ["v1 transmit"] = 0,
            },
            Drops(netns)
        );
        Assert.Equal((0, Packets), DropsByIp(netns, "v0"));
        Assert.Equal((Packets, 0), DropsByIp(netns, "v1"));
    }

    static Dictionary<string, double> Drops(PrivateNamespace netns) =>
        netns.SnapshotOf("interface_drops").Symptom("interface_drops_total");

    static (long Received, long Transmitted) DropsByIp(PrivateNamespace netns, string name)
    {
        using var shown = JsonDocument.Parse(netns.Command("ip", "-s", "-j", "link", "show", name));
        var counts = shown.RootElement[0].GetProperty("stats64");
        return (Dropped("rx"), Dropped("tx"));

        long Dropped(string direction) => counts.GetProperty(direction).GetProperty("dropped").GetInt64();
    }
}
