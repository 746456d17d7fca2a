namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// The thread of one reader that may wait for long. It lasts as long as the sampler, so that no pass pays for a new
/// thread.
/// </summary>
/// <param name="name">The thread's name.</param>
/// <param name="gate">The lock that guards this object, pulsed when a run has returned.</param>
sealed class LaneThread(string name, object gate)
{
    /// <summary>
    /// Guards the next work. On the sampler's gate, each pass would wake the idle threads of all lanes.
    /// </summary>
    readonly object _next = new();
    Action? _work;
    bool _ends;
    Thread? _thread;

    /// <summary>True while a run has not returned. The caller holds the gate.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>
    /// Starts a run. The caller holds the gate, and the thread is not busy. Returns false where no thread can be
    /// started, as in a full pids cgroup.
    /// </summary>
    public bool TryStart(Action work)
    {
        if (!TryStartThread())
            return false;
        IsBusy = true;
        lock (_next)
        {
            _work = work;
            Monitor.Pulse(_next);
        }

        return true;
    }

    /// <summary>
    /// Starts the thread, unless it exists. The caller holds the gate. Returns false where none can be started.
    /// </summary>
    public bool TryStartThread()
    {
        if (_thread is not null)
            return true;
        var thread = new Thread(Loop) { IsBackground = true, Name = name };
        try
        {
            thread.Start();
        }
        catch (OutOfMemoryException)
        {
            return false;
        }

        _thread = thread;
        return true;
    }

    /// <summary>Ends the thread after its run has returned. The caller holds the gate.</summary>
    public void End()
    {
        lock (_next)
        {
            _ends = true;
            Monitor.Pulse(_next);
        }
    }

    void Loop()
    {
        while (true)
        {
            Action work;
            lock (_next)
            {
                while (_work is null)
                {
                    if (_ends)
                        return;
                    Monitor.Wait(_next);
                }

                work = _work;
                _work = null;
            }

            work();
            lock (gate)
            {
                IsBusy = false;
                Monitor.PulseAll(gate);
            }
        }
    }
}
