using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// Runs passes one after the other on one thread. Readers that may wait for long have threads of their own. A call that
/// hangs costs only its reader: a new thread continues the pass, and the old one stays in the call. The reader's value
/// still counts if the call returns within the reader's patience. Later passes neither start the reader again nor wait
/// for it until the call returns.
/// </summary>
sealed class PassThread : IDisposable
{
    const string NoThread = "cannot start a thread for it";

    /// <summary>The time after which a thread is tried again.</summary>
    static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);

    readonly ReaderOrder _order;
    readonly object _gate = new();
    readonly Queue<PendingPass> _queue = [];
    readonly LaneThreads _lanes;

    /// <summary>
    /// The readers whose threads were replaced and have not returned, with the start time of each run.
    /// </summary>
    readonly Dictionary<int, long> _late = [];
    readonly Alarm _watch;
    Thread? _thread;
    int _generation;
    Running? _running;
    bool _ends;

    public PassThread(ReaderOrder order)
    {
        _order = order;
        _lanes = new(order, _gate);
        _watch = new(Watch);
    }

    /// <summary>
    /// Starts the threads that every pass needs, before there may be no further thread on the machine.
    /// </summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_thread is null)
                StartThread();
            _lanes.Start();
        }
    }

    /// <summary>Queues a pass.</summary>
    /// <param name="deadline">The deadline for its readers.</param>
    /// <param name="wanted">Selects the readers to run, together with the readers that they need; null for all.</param>
    public PendingPass Begin(Deadline deadline, Func<Reader, bool>? wanted)
    {
        var pending = new PendingPass(new(_order, wanted is null ? null : _order.Closure(wanted), deadline), _order);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ends, this);
            _queue.Enqueue(pending);
            if (_thread is null)
                StartThread();
            Monitor.PulseAll(_gate);
        }

        return pending;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ends = true;
            _lanes.End();
            foreach (var pass in _queue)
                pass.Complete();
            Monitor.PulseAll(_gate);
        }

        _watch.Dispose();
    }

    /// <summary>
    /// Starts a thread. Where none can be started, as in a full pids cgroup, the watch and the next request try again
    /// and continue the pass.
    /// </summary>
    void StartThread()
    {
        var generation = ++_generation;
        var thread = new Thread(() => Work(generation)) { IsBackground = true, Name = "sampler" };
        try
        {
            thread.Start();
            _thread = thread;
        }
        catch (OutOfMemoryException)
        {
            _thread = null;
            _watch.Arm(Retry);
        }
    }

    void Work(int generation)
    {
        while (true)
        {
            PendingPass pending;
            lock (_gate)
            {
                while (_queue.Count == 0 && generation == _generation && !_ends)
                    Monitor.Wait(_gate);
                if (generation != _generation || _ends)
                    return;

                // The pass stays at the head of the queue until it is done, so that another thread can continue it.
                pending = _queue.Peek();
            }

            while (Step(pending, generation) is { } place)
            {
                var run = _order.Readers[place].Run(pending.Pass);
                lock (_gate)
                {
                    pending.Publish(place, run);
                    if (generation != _generation)
                    {
                        // This thread was replaced meanwhile. From now on the reader may be started again.
                        _late.Remove(place);
                        Monitor.PulseAll(_gate);
                        return;
                    }

                    _running = null;
                }
            }
        }
    }

    /// <summary>
    /// Returns the next reader to run on this thread; null when the pass is done or this thread was given up.
    /// </summary>
    int? Step(PendingPass pending, int generation)
    {
        lock (_gate)
        {
            while (generation == _generation && !_ends)
            {
                foreach (var (late, since) in _late)
                    pending.TimeOutLate(late, since);
                if (pending.Pass.Deadline.HasPassed)
                    pending.TimeOutRest();
                StartLanes(pending);
                if (pending.Next(onOwnThread: false) is { } place)
                {
                    var running = Running.Start(place, _order.Readers[place], pending.Pass.Deadline);
                    pending.Start(running, isAwaited: false);
                    _running = running;
                    _watch.Arm(running.LeftAlone);
                    return place;
                }

                if (pending.Awaited.Count == 0)
                {
                    _ = _queue.Dequeue();
                    pending.Complete();
                    return null;
                }

                Await(pending);
            }

            return null;
        }
    }

    void StartLanes(PendingPass pending)
    {
        while (pending.Next(onOwnThread: true) is { } place)
        {
            var reader = _order.Readers[place];
            var lane = _lanes.At(place);
            if (lane.IsBusy)
            {
                pending.TimeOut(place, Stopwatch.GetTimestamp());
                continue;
            }

            pending.Start(Running.Start(place, reader, pending.Pass.Deadline), isAwaited: true);
            var started = lane.TryStart(() =>
            {
                var run = reader.Run(pending.Pass);
                lock (_gate)
                    pending.Publish(place, run);
            });
            if (!started)
                pending.Publish(place, reader.Without(new(Absence.Failed, NoThread), TimeSpan.Zero));
        }
    }

    /// <summary>
    /// Completes the passes that are over, where no thread can do it. Then tries to start one for the others.
    /// </summary>
    void ContinueWithoutThread()
    {
        while (_queue.TryPeek(out var pending) && pending.Pass.Deadline.HasPassed)
        {
            pending.Complete();
            _ = _queue.Dequeue();
        }

        if (!_ends && _queue.Count > 0)
            StartThread();
    }

    /// <summary>Waits until one of the readers on other threads has returned or timed out.</summary>
    void Await(PendingPass pending)
    {
        pending.TimeOutAwaited();
        if (pending.Awaited.Count > 0)
        {
            var left = pending.Awaited.Min(static running => running.Left);
            _ = Monitor.Wait(_gate, left > TimeSpan.Zero ? left + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero);
        }
    }

    void Watch()
    {
        lock (_gate)
        {
            _watch.Clear();
            if (_thread is null)
                ContinueWithoutThread();
            if (_ends || _thread is null || _running is not { } running)
                return;
            if (running.LeftAlone > TimeSpan.Zero)
            {
                _watch.Arm(running.LeftAlone);
                return;
            }

            _late.Add(running.Place, running.Since);
            _running = null;
            _queue.Peek().Await(running);
            StartThread();
        }
    }
}
