using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

public class RawSocketTests
{
    /// <summary>Concurrent tests start child processes all the time.</summary>
    [Fact]
    public async Task A_closed_socket_lives_on_in_no_child()
    {
        using var netns = new PrivateNamespace();
        using var other = new PrivateNamespace();
        var starting = Task.Run(
            () =>
            {
                for (var i = 0; i < 100; i++)
                    other.Command("true");
            },
            TestContext.Current.CancellationToken
        );

        var refused = 0;
        while (!starting.IsCompleted)
        {
            using var socket = netns.Run(static () => RawSocket.Open(SocketType.Stream, isIPv6: false));
            refused += socket.Bind(IPAddress.Any, 40000) == 0 ? 0 : 1;
        }

        await starting;
        Assert.Equal(0, refused);
    }
}
