using System.Diagnostics;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class AllocationProbeTests
{
    [Fact]
    public async Task A_call_that_does_not_come_back_is_waited_for_once_and_not_made_again()
    {
        using var returns = new ManualResetEventSlim();
        var attempts = 0;
        var reader = new AllocationProbeReader(NoRoute, () =>
        {
            Interlocked.Increment(ref attempts);
            returns.Wait(TimeSpan.FromSeconds(20));
            return [new(ProbeOperation.Socket, 0, TimeSpan.Zero)];
        }) { Patience = TimeSpan.FromMilliseconds(100) };
        using var sampler = new Sampler([reader], TimeProvider.System);
        async Task<Reading<AllocationProbe>> ReadAsync() =>
            (await sampler.SampleAsync(TimeSpan.FromSeconds(10))).Get<AllocationProbe>();

        Assert.Equal(Absence.TimedOut, (await ReadAsync()).Missing?.Reason);
        Assert.Equal(Absence.TimedOut, (await ReadAsync()).Missing?.Reason);
        Assert.Equal(1, attempts);

        returns.Set();
        var waiting = Stopwatch.StartNew();
        while ((await ReadAsync()).Missing is not null)
            Assert.True(waiting.Elapsed < TimeSpan.FromSeconds(10), "it never tries again");
    }

    /// <summary>The probe runs on its own thread, where an uncaught exception would end the process.</summary>
    [Fact]
    public void A_mistake_is_said_and_it_tries_again()
    {
        var attempts = 0;
        var reader = new AllocationProbeReader(NoRoute, () =>
            ++attempts == 1
                ? throw new InvalidOperationException("no such thing")
                : [new(ProbeOperation.Socket, 0, TimeSpan.Zero)]
        );
        Reading<AllocationProbe> Read() =>
            SamplingPass.Read<AllocationProbe>([reader], Deadline.After(TimeSpan.FromSeconds(10)));

        Assert.Equal(new(Absence.Failed, "socket(), bind(), connect(): no such thing"), Read().Missing);
        Assert.Single(Read().Value.Results);
    }

    /// <summary>
    /// Where rtnetlink cannot be asked, the errors themselves tell a missing loopback from a lack of ports.
    /// </summary>
    [Theory]
    [InlineData(ProbeOperation.TcpBind, Errno.EADDRNOTAVAIL, true)]
    [InlineData(ProbeOperation.UdpBind, Errno.EADDRNOTAVAIL, true)]
    [InlineData(ProbeOperation.Connect, Errno.ENETUNREACH, true)]
    [InlineData(ProbeOperation.Connect, Errno.EADDRNOTAVAIL, false)]
    [InlineData(ProbeOperation.Connect, Errno.ETIMEDOUT, false)]
    [InlineData(ProbeOperation.TcpBind, Errno.EADDRINUSE, false)]
    [InlineData(ProbeOperation.Socket, Errno.ENFILE, false)]
    public void Without_rtnetlink_the_error_decides(ProbeOperation operation, int error, bool isLoopback)
    {
        var probe = SamplingPass.Read<AllocationProbe>(
            [new AllocationProbeReader(NoRoute, () => [new(operation, error, TimeSpan.Zero)])],
            Deadline.After(TimeSpan.FromSeconds(10))
        );

        Assert.Equal(isLoopback ? Outcome.None : Outcome.Value, probe.Outcome);
        if (!isLoopback)
            Assert.Equal(1, Assert.Single(probe.Value.Errors).Count);
    }

    static Reading<INetlinkTransport> NoRoute(TimeSpan timeout) => new Missing(Absence.NotPermitted, "rtnetlink");
}
