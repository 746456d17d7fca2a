using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Holders;

/// <summary>
/// The thread that searches holders beside the snapshots of a server, so that none waits for it. The searches of all
/// network namespaces run one after the other.
/// </summary>
sealed class HolderLane : IDisposable
{
    /// <summary>The limit on searches that wait. Each has open sockets. A later snapshot asks again.</summary>
    const int WaitingAtMost = 16;

    readonly object _gate = new();
    readonly Queue<Action> _waiting = [];
    readonly LaneThread _thread;
    bool _works;

    /// <summary>Makes the lane without starting its thread.</summary>
    public HolderLane() => _thread = new("holders", _gate);

    /// <summary>Starts the thread, because the machine may have no further one later.</summary>
    public void Start()
    {
        lock (_gate)
            _ = _thread.TryStartThread();
    }

    /// <summary>
    /// Queues a search. Returns false where too many wait already, or where no thread can be started.
    /// </summary>
    public bool TryQueue(Action search)
    {
        lock (_gate)
        {
            if (_waiting.Count == WaitingAtMost || (!_works && !_thread.TryStart(Work)))
                return false;
            _works = true;
            _waiting.Enqueue(search);
            return true;
        }
    }

    /// <summary>Ends the thread after the searches that wait.</summary>
    public void Dispose()
    {
        lock (_gate)
            _thread.End();
    }

    void Work()
    {
        while (true)
        {
            Action search;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out search!))
                {
                    _works = false;
                    return;
                }
            }

            search();
        }
    }
}
