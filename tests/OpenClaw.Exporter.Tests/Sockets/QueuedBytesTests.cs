using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

/// <summary>The two queues of a socket are 32 bits each, so their sum needs 33 bits.</summary>
public class QueuedBytesTests
{
    [Fact]
    public void Two_full_queues_are_their_sum() => Assert.Equal(2L * uint.MaxValue, Fold(uint.MaxValue).QueuedBytes);

    [Fact]
    public void A_connection_with_full_queues_is_not_idle()
    {
        var settings = new EphemeralPortSettings(
            40000,
            40099,
            new(),
            TimeWaitReuse.Never,
            TimeSpan.FromSeconds(1),
            true
        );

        Assert.Equal(0, Fold(1, settings).ToEphemeralPorts(settings, sawAll: true).Connect[0].IdleWithoutKeepalive);
    }

    static SocketFold Fold(uint sent, EphemeralPortSettings? settings = null)
    {
        var fold = new SocketFold(isTcp: true, worst: 10);
        fold.Restart(settings);
        Assert.True(
            fold.TryAdd(
                FakeKernel
                    .Socket(
                        TcpState.Established,
                        "10.0.0.1:40000",
                        "192.0.2.1:443",
                        received: uint.MaxValue,
                        sent: sent
                    )
                    .AsSpan(16)
            )
        );
        return fold;
    }
}
