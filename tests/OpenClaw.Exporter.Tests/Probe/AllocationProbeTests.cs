using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class AllocationProbeTests
{
    [Fact]
    public void A_call_that_does_not_come_back_is_waited_for_once_and_not_made_again()
    {
        using var returns = new ManualResetEventSlim();
        var attempts = 0;
        var reader = new AllocationProbeReader(
            () =>
            {
                Interlocked.Increment(ref attempts);
                returns.Wait(TimeSpan.FromSeconds(20));
                return [new(ProbeOperation.Socket, 0, TimeSpan.Zero)];
            },
            TimeSpan.FromMilliseconds(100));
        Reading<AllocationProbe> Read() => new SamplingPass([reader], Deadline.After(TimeSpan.FromSeconds(10))).Get<AllocationProbe>();

        Assert.Contains("no result within 0.1 s", Read().Missing?.Detail, StringComparison.Ordinal);
        Assert.Contains("has not come back", Read().Missing?.Detail, StringComparison.Ordinal);
        Assert.Equal(1, attempts);

        returns.Set();
        Assert.True(SpinWait.SpinUntil(() => Read().Missing is null, TimeSpan.FromSeconds(10)), "it never tries again");
    }

    /// <summary>On a thread of its own nobody else would catch it, and the process would end.</summary>
    [Fact]
    public void A_mistake_is_said_and_it_tries_again()
    {
        var attempts = 0;
        var reader = new AllocationProbeReader(
            () => ++attempts == 1 ? throw new InvalidOperationException("no such thing") : [new(ProbeOperation.Socket, 0, TimeSpan.Zero)],
            TimeSpan.FromSeconds(10));
        Reading<AllocationProbe> Read() => new SamplingPass([reader], Deadline.After(TimeSpan.FromSeconds(10))).Get<AllocationProbe>();

        Assert.Equal(new(Absence.Failed, "socket(), bind(), connect(): no such thing"), Read().Missing);
        Assert.Single(Read().Value.Results);
    }
}
