using System.Net;
using System.Net.Sockets;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.KernelTests;

public class TcpStateTests
{
    [Fact]
    public void A_listener_counts_as_listen()
    {
        using var netns = new PrivateNamespace();
        using var listener = netns.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
            socket.Listen();
            return socket;
        });

        Assert.Equal(1, netns.Read<TcpSockets>(KernelSampling.Readers()).Value[TcpState.Listen]);
    }
}
