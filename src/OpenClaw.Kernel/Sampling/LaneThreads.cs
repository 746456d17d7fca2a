namespace OpenClaw.Kernel.Sampling;

/// <summary>The threads of the readers that have their own. The caller holds the gate.</summary>
/// <param name="order">The readers.</param>
/// <param name="gate">The lock that guards the threads.</param>
sealed class LaneThreads(ReaderOrder order, object gate)
{
    readonly Dictionary<int, LaneThread> _lanes = [];

    /// <summary>Returns the thread of the reader at this place.</summary>
    public LaneThread At(int place)
    {
        if (!_lanes.TryGetValue(place, out var lane))
            _lanes.Add(place, lane = new(order.Readers[place].Name, gate));
        return lane;
    }

    /// <summary>Starts all threads, as far as the machine can start them.</summary>
    public void Start()
    {
        foreach (var (place, reader) in order.Readers.Index())
        {
            if (reader.HasOwnThread)
                _ = At(place).TryStartThread();
            reader.Start();
        }
    }

    /// <summary>Ends each thread after its run has returned.</summary>
    public void End()
    {
        foreach (var lane in _lanes.Values)
            lane.End();
    }
}
