using System.Collections.Immutable;
using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// A pass that waits for its turn or is under way on the sampler's thread. The sampler's gate guards it.
/// </summary>
sealed class PendingPass(SamplingPass pass, ReaderOrder order)
{
    readonly long _begun = Stopwatch.GetTimestamp();
    readonly bool[] _started = new bool[order.Readers.Length];
    readonly List<Running> _lanes = [];
    readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Values and slots of the pass.</summary>
    public SamplingPass Pass => pass;

    /// <summary>Ends when every reader has come back or was given up.</summary>
    public Task Done => _done.Task;

    /// <summary>
    /// The place of a reader that can run now on the sampler's thread or one of its own; null when none can.
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

    /// <summary>Notes that a reader runs.</summary>
    public void Start(Running running, bool onOwnThread)
    {
        _started[running.Place] = true;
        if (onOwnThread)
            _lanes.Add(running);
    }

    /// <summary>Takes the run of a reader; one that was given up meanwhile stays timed out.</summary>
    public void Publish(int place, ReaderRun run)
    {
        _ = _lanes.RemoveAll(lane => lane.Place == place);
        if (!pass.Has(place))
            pass.Publish(place, run);
    }

    /// <summary>Gives a reader up.</summary>
    public void TimeOut(int place, long since) =>
        Publish(place, order.Readers[place].TimedOut(Stopwatch.GetElapsedTime(since)));

    /// <summary>The runs on threads of their own that have not come back.</summary>
    public IReadOnlyList<Running> Lanes => _lanes;

    /// <summary>Gives up what has not begun when the deadline has passed.</summary>
    public void TimeOutRest()
    {
        for (var place = 0; place < _started.Length; place++)
        {
            if (!_started[place] && pass.Includes(place) && !pass.Has(place))
                TimeOut(place, _begun);
        }
    }

    /// <summary>The runs so far; a reader that has not come back is timed out.</summary>
    public ImmutableArray<ReaderRun> Runs() => pass.Runs(reader => reader.TimedOut(Stopwatch.GetElapsedTime(_begun)));

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
