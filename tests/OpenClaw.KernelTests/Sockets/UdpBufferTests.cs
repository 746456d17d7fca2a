using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

public class UdpBufferTests
{
    const int Packets = 50;

    /// <summary>
    /// A full queue of the interface drops the packet, and the kernel reports to the socket that no buffer is
    /// available.
    /// </summary>
    [Theory]
    [InlineData("10.9.0.2", "ipv4", "UdpSndbufErrors")]
    [InlineData("fd09::2", "ipv6", "Udp6SndbufErrors")]
    [Provokes("udp_send_buffer_errors_total")]
    public void Datagrams_that_the_interface_does_not_take_are_send_buffer_errors(
        string address,
        string family,
        string counter
    )
    {
        using var netns = new PrivateNamespace();
        netns.MakeVeth();
        netns.Batch("addr add fd09::1/64 dev v0 nodad", "neigh add fd09::2 lladdr 02:00:00:00:00:09 dev v0");
        netns.Command(
            InstalledProgram.Find("tc"),
            "qdisc",
            "add",
            "dev",
            "v0",
            "root",
            "tbf",
            "rate",
            "8kbit",
            "burst",
            "2k",
            "limit",
            "4k"
        );
        var before = netns.SnapshotOf("udp_counters", "ipv6_counters").Symptom("udp_send_buffer_errors_total");
        Assert.Equal((0, 0), (before["ipv4"], before["ipv6"]));

        var endpoint = new IPEndPoint(IPAddress.Parse(address), 9);
        var refused = netns.Run(() => Refused(endpoint));

        var errors = netns.SnapshotOf("udp_counters", "ipv6_counters").Symptom("udp_send_buffer_errors_total");
        Assert.InRange(refused, Packets - 10, Packets - 1);
        Assert.Equal(refused, errors[family]);
        Assert.Equal(errors[family], errors.Values.Sum());
        Assert.Equal(errors[family], netns.Nstat()[counter]);
    }

    /// <summary>
    /// The number of datagrams that send() refused with ENOBUFS, which it reports only to sockets with IP_RECVERR.
    /// </summary>
    static int Refused(IPEndPoint endpoint)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
        {
            SendBufferSize = 1 << 20,
        };
        var (level, option) = endpoint.AddressFamily == AddressFamily.InterNetwork ? (0, 11) : (41, 25);
        socket.SetRawSocketOption(level, option, BitConverter.GetBytes(1));
        var refused = 0;
        for (var i = 0; i < Packets; i++)
        {
            try
            {
                socket.SendTo(new byte[900], endpoint);
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
            {
                refused++;
            }
        }

        return refused;
    }
}
