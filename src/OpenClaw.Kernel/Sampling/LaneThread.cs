namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// The thread of one reader that may wait for long. It lasts as long as the sampler, so that no pass pays for a new
/// thread.
/// </summary>
/// <param name="name">The thread's name.</param>
/// <param name="gate">The lock that guards this object, pulsed when a run has returned.</param>
sealed class LaneThread(string name, object gate)
{
    Action? _work;
    bool _ends;
    Thread? _thread;

    /// <summary>True while a run has not returned. The caller holds the gate.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Starts a run. The caller holds the gate, and the thread is not busy.</summary>
    public void Start(Action work)
    {
        (_work, IsBusy) = (work, true);
        if (_thread is null)
        {
            _thread = new(Loop) { IsBackground = true, Name = name };
            _thread.Start();
        }

        Monitor.PulseAll(gate);
    }

    /// <summary>Ends the thread after its run has returned. The caller holds the gate.</summary>
    public void End()
    {
        _ends = true;
        Monitor.PulseAll(gate);
    }

    void Loop()
    {
        while (true)
        {
            Action work;
            lock (gate)
            {
                while (_work is null)
                {
                    if (_ends)
                        return;
                    Monitor.Wait(gate);
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
