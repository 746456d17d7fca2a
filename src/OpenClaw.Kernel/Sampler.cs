using System.Collections.Immutable;
using System.Diagnostics;

namespace OpenClaw.Kernel;

/// <summary>Takes snapshots with a list of readers. One sampling at a time; the caller sees to that.</summary>
public sealed class Sampler(ImmutableArray<Reader> readers, TimeProvider clock)
{
    readonly Dictionary<Reader, Task<ReaderRun>> _stuck = [];

    /// <summary>
    /// Runs every reader beside the others and waits for them until <paramref name="timeout"/>. A reader that is late
    /// then is reported as timed out and the rest is served; it is not started again before it has come back.
    /// </summary>
    public async Task<Snapshot> SampleAsync(TimeSpan timeout)
    {
        foreach (var (reader, run) in _stuck)
        {
            if (run.IsCompleted)
                _stuck.Remove(reader);
        }

        var time = clock.GetUtcNow();
        var start = Stopwatch.GetTimestamp();
        var sampling = new Sampling(readers.Where(reader => !_stuck.ContainsKey(reader)), Deadline.After(timeout));
        var runs = readers.Select(reader =>
            _stuck.TryGetValue(reader, out var stuck) ? stuck : Task.Run(() => sampling.Run(reader))).ToArray();
        await Task.WhenAny(Task.WhenAll(runs), Task.Delay(timeout)).ConfigureAwait(false);

        var finished = ImmutableArray.CreateBuilder<ReaderRun>(runs.Length);
        for (var i = 0; i < runs.Length; i++)
        {
            if (runs[i].IsCompletedSuccessfully && !_stuck.ContainsKey(readers[i]))
            {
                finished.Add(await runs[i].ConfigureAwait(false));
                continue;
            }

            _stuck[readers[i]] = runs[i];
            finished.Add(readers[i].TimedOut(Stopwatch.GetElapsedTime(start)));
        }

        return new(time, finished.MoveToImmutable());
    }
}
