using System.Diagnostics;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class PolledReaderTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task No_snapshot_waits_for_the_first_answer()
    {
        var answer = new TaskCompletionSource<Reading<int>>();
        using var reader = new ScriptedReader(_ => answer.Task);
        await reader.StartAsync(TestContext.Current.CancellationToken);
        var start = Stopwatch.GetTimestamp();

        var missing = Read(reader).Missing;

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Patience / 2);
        Assert.Equal(new(Absence.TimedOut, "a script: no answer yet"), missing);
        answer.SetResult(7);
        Assert.True(SpinWait.SpinUntil(() => Read(reader).TryGet(out var value) && value == 7, Patience));
        await reader.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_reader_that_was_not_started_is_asked_within_the_deadline()
    {
        using var quick = new ScriptedReader(static _ => Task.FromResult<Reading<int>>(7));
        using var slow = new ScriptedReader(static async stop =>
        {
            await Task.Delay(Timeout.Infinite, stop);
            return 7;
        });

        Assert.Equal(7, Read(quick).Value);
        Assert.Equal(
            new(Absence.TimedOut, "a script: no answer within the time limit of a snapshot"),
            Read(slow, TimeSpan.FromMilliseconds(100)).Missing
        );
    }

    [Fact]
    public async Task A_mistake_while_asking_is_the_readers_and_it_asks_again()
    {
        var asked = 0;
        using var reader = new ScriptedReader(_ =>
            Interlocked.Increment(ref asked) == 1
                ? throw new InvalidOperationException("no such thing")
                : Task.FromResult<Reading<int>>(7)
        );
        await reader.StartAsync(TestContext.Current.CancellationToken);

        Assert.True(
            SpinWait.SpinUntil(
                () =>
                    Read(reader).Missing is { Reason: Absence.Failed } missing
                    && missing.Detail.Contains("no such thing", StringComparison.Ordinal),
                Patience
            )
        );
        Assert.True(SpinWait.SpinUntil(() => Read(reader).TryGet(out _), Patience));
        await reader.StopAsync(TestContext.Current.CancellationToken);
    }

    static Reading<int> Read(ScriptedReader reader, TimeSpan? time = null) =>
        SamplingPass.Read<int>([reader], Deadline.After(time ?? Patience));

    sealed class ScriptedReader(Func<CancellationToken, Task<Reading<int>>> ask)
        : PolledReader<int>("script", "a script", TimeSpan.FromMilliseconds(500))
    {
        public override Task<Reading<int>> AskAsync(CancellationToken stop) => ask(stop);
    }
}
