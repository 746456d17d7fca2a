using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>Troubles of interfaces and of the buffers of datagrams.</summary>
static class TroublesOfLinks
{
    const int IP_RECVERR = 11;

    static readonly IPEndPoint Nobody = new(IPAddress.Parse("10.9.0.2"), 9);

    /// <summary>Sends to a socket that nobody reads.</summary>
    public static Action FillReceiveBuffer(PrivateNamespace netns)
    {
        var endpoint = new IPEndPoint(IPAddress.Loopback, 5000);
        var (reader, writer) = netns.Run(static () => (Datagrams(), Datagrams()));
        netns.Attach(reader);
        netns.Attach(writer);
        reader.ReceiveBufferSize = 4096;
        reader.Bind(endpoint);
        return () => Send(writer, 100, endpoint, times: 30);
    }

    /// <summary>Sends more than a limit of tc lets through. Sockets with IP_RECVERR see the refusal.</summary>
    public static Action FillTrafficQueue(PrivateNamespace netns)
    {
        netns.MakeVeth();
        netns.Sysctl("net.ipv6.conf.v0.disable_ipv6", "1");
        netns.Command(
            InstalledProgram.Find("tc"),
            "qdisc add dev v0 root tbf rate 40kbit burst 2k limit 6k".Split(' ')
        );
        var writer = netns.Run(Datagrams);
        netns.Attach(writer);
        writer.SendBufferSize = 1 << 20;
        writer.SetRawSocketOption(0, IP_RECVERR, BitConverter.GetBytes(1));
        return () => Send(writer, 900, Nobody, times: 10);
    }

    /// <summary>Sends packets that are too long for the other end of a veth pair.</summary>
    public static Action ExceedMtu(PrivateNamespace netns)
    {
        netns.MakeVeth();
        netns.Batch("link set v0 mtu 1500", "link set v1 mtu 1000");
        var writer = netns.Run(Datagrams);
        netns.Attach(writer);
        return () => Send(writer, 1200, Nobody, times: 1);
    }

    static void Send(Socket writer, int bytes, IPEndPoint endpoint, int times)
    {
        for (var i = 0; i < times; i++)
        {
            try
            {
                writer.SendTo(new byte[bytes], endpoint);
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
            {
                // The kernel reports the drop to the sender.
            }
        }
    }

    static Socket Datagrams() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
}
