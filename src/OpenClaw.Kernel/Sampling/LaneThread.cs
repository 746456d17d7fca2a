namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// The thread of one reader that may wait for long. It stays for the life of the sampler, so that no pass pays for a
/// new one.
/// </summary>
/// <param name="name">The thread's name.</param>
/// <param name="gate">The lock that guards it, pulsed when a run has come back.</param>
sealed class LaneThread(string name, object gate)
{
    Action? _work;
    bool _ends;
    Thread? _thread;

    /// <summary>True while a run has not come back. The gate is held by whoever asks.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Starts a run. The gate is held, and it is not busy.</summary>
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

    /// <summary>Ends the thread once its run has come back. The gate is held.</summary>
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
