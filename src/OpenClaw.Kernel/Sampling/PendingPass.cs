using System.Collections.Immutable;
using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>A pass that waits for its turn, or runs on the sampler's thread. The sampler's gate guards it.</summary>
sealed class PendingPass(SamplingPass pass, ReaderOrder order)
{
    readonly long _begun = Stopwatch.GetTimestamp();
    readonly bool[] _started = new bool[order.Readers.Length];
    readonly List<Running> _awaited = [];
    readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The pass, with its values and slots.</summary>
    public SamplingPass Pass => pass;

    /// <summary>Completes when every reader has returned or was given up.</summary>
    public Task Done => _done.Task;

    /// <summary>
    /// Returns the place of a reader that can run now, on the sampler's thread or on its own; null when none can.
    /// </summary>
    public int? Next(bool onOwnThread)
    {
        foreach (var place in order.Execution)
        {
            if (
                !_started[place]
                && pass.Includes(place)
                && !pass.Has(place)
                && order.Readers[place].HasOwnThread == onOwnThread
                && IsReady(place)
            )
            {
                return place;
            }
        }

        return null;
    }

    /// <summary>Records that a reader runs.</summary>
    /// <param name="running">The run.</param>
    /// <param name="isAwaited">True where it runs on another thread than the sampler's.</param>
    public void Start(Running running, bool isAwaited)
    {
        _started[running.Place] = true;
        if (isAwaited)
            Await(running);
    }

    /// <summary>Records that a run is on another thread than the sampler's.</summary>
    public void Await(Running running) => _awaited.Add(running);

    /// <summary>Returns true while a run on another thread may still return in time.</summary>
    bool IsAwaited(int place) => _awaited.Exists(running => running.Place == place);

    /// <summary>Stores the run of a reader. A reader that was given up meanwhile stays timed out.</summary>
    public void Publish(int place, ReaderRun run)
    {
        _ = _awaited.RemoveAll(running => running.Place == place);
        if (!pass.Has(place))
            pass.Publish(place, run);
    }

    /// <summary>Marks a reader as timed out.</summary>
    public void TimeOut(int place, long since) =>
        Publish(place, order.Readers[place].TimedOut(Stopwatch.GetElapsedTime(since)));

    /// <summary>Marks a reader as timed out whose earlier run has not returned.</summary>
    public void TimeOutLate(int place, long since)
    {
        if (pass.Includes(place) && !pass.Has(place) && !IsAwaited(place))
            TimeOut(place, since);
    }

    /// <summary>Marks the readers on other threads as timed out that had their time.</summary>
    public void TimeOutAwaited()
    {
        foreach (var running in _awaited.ToArray())
        {
            if (running.Left <= TimeSpan.Zero)
                TimeOut(running.Place, running.Since);
        }
    }

    /// <summary>The runs on other threads that have not returned.</summary>
    public IReadOnlyList<Running> Awaited => _awaited;

    /// <summary>Marks the readers that have not started as timed out, after the deadline.</summary>
    public void TimeOutRest()
    {
        for (var place = 0; place < _started.Length; place++)
        {
            if (!_started[place] && pass.Includes(place) && !pass.Has(place))
                Publish(place, order.Readers[place].NotReached());
        }
    }

    /// <summary>Returns the runs so far. A reader that has not returned is timed out.</summary>
    public ImmutableArray<ReaderRun> Runs() =>
        pass.Runs(reader =>
            _started[order.Readers.IndexOf(reader)]
                ? reader.TimedOut(Stopwatch.GetElapsedTime(_begun))
                : reader.NotReached()
        );

    public void Complete() => _done.TrySetResult();

    bool IsReady(int place)
    {
        foreach (var before in order.Before[place])
        {
            if (pass.Includes(before) && !pass.Has(before))
                return false;
        }

        return true;
    }
}
