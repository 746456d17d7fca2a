using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class NetlinkSocketTests
{
    /// <summary>The kernel takes a receive timeout of 0 as no timeout.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Without_time_left_nothing_is_asked(long ticks)
    {
        foreach (
            var open in (Func<TimeSpan, Reading<NetlinkSocket>>[])
                [NetlinkSocket.OpenSockDiag, NetlinkSocket.OpenRoute, NetlinkSocket.OpenNetfilter]
        )
        {
            Assert.Equal(Absence.TimedOut, open(TimeSpan.FromTicks(ticks)).Missing?.Reason);
        }
    }

    /// <summary>The clock counts in units of 100 ns, the kernel in microseconds.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(TimeSpan.TicksPerMillisecond)]
    public async Task The_least_time_is_not_for_ever(long ticks)
    {
        using var socket = NetlinkSocket.OpenRoute(TimeSpan.FromTicks(ticks)).Value;

        var received = await Task.Run(() => socket.Receive(new byte[100]), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal(Absence.TimedOut, received.Missing?.Reason);
    }
}
