using System.Collections.Immutable;
using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>Takes snapshots with a list of readers. One sampling at a time; the caller sees to that.</summary>
public sealed class Sampler(ImmutableArray<Reader> readers, TimeProvider clock)
{
    readonly Dictionary<Reader, StartedRun> _late = [];

    /// <summary>
    /// Runs every reader beside the others and waits for them until <paramref name="timeout"/>. A reader that is late
    /// then is reported as timed out and the rest is served; until it has come back it is neither started again nor
    /// waited for.
    /// </summary>
    public Task<Snapshot> SampleAsync(TimeSpan timeout) => Begin(timeout).Whole;

    /// <summary>The same, for several who do not wait equally long.</summary>
    public PendingSnapshot Begin(TimeSpan timeout)
    {
        foreach (var (reader, run) in _late)
        {
            if (run.Task.IsCompleted)
                _late.Remove(reader);
        }

        var time = clock.GetUtcNow();
        var sampling = new SamplingPass(readers.Where(reader => !_late.ContainsKey(reader)), Deadline.After(timeout));
        var runs = readers.Select(reader => _late.TryGetValue(reader, out var late)
            ? late with { IsFromBefore = true }
            : new StartedRun(reader, Task.Run(() => sampling.Run(reader)), Stopwatch.GetTimestamp())).ToImmutableArray();
        return new(time, runs, Task.WhenAll(runs.Where(static run => !run.IsFromBefore).Select(static run => run.Task)).WaitAsync(timeout), late =>
        {
            foreach (var run in late)
                _late[run.Reader] = run;
        });
    }
}

/// <summary>A snapshot that is being taken.</summary>
public sealed class PendingSnapshot
{
    readonly DateTimeOffset _time;
    readonly ImmutableArray<StartedRun> _runs;

    internal PendingSnapshot(DateTimeOffset time, ImmutableArray<StartedRun> runs, Task done, Action<IEnumerable<StartedRun>> tellLate)
    {
        (_time, _runs) = (time, runs);
        Whole = WholeAsync(done, tellLate);
    }

    /// <summary>The snapshot when every reader has come back, or their time is over.</summary>
    public Task<Snapshot> Whole { get; }

    /// <summary>What there is of it now; readers that have not come back are reported as timed out.</summary>
    public Snapshot SoFar() => new(_time, [.. _runs.Select(static run => run.Outcome)]);

    async Task<Snapshot> WholeAsync(Task done, Action<IEnumerable<StartedRun>> tellLate)
    {
        await done.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var whole = SoFar();
        tellLate(_runs.Where(static run => !run.Task.IsCompleted));
        return whole;
    }
}

/// <summary>A reader that was started.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Task">How it fared, once it has come back.</param>
/// <param name="Start">When, on the monotonic clock.</param>
/// <param name="IsFromBefore">Whether that was for an earlier snapshot: what it says then is too old for this one.</param>
sealed record StartedRun(Reader Reader, Task<ReaderRun> Task, long Start, bool IsFromBefore = false)
{
    public ReaderRun Outcome => Task.IsCompletedSuccessfully && !IsFromBefore ? Task.Result : Reader.TimedOut(Stopwatch.GetElapsedTime(Start));
}
