namespace OpenClaw.Kernel.Refusals;

/// <summary>
/// Counts the refused calls of one network namespace by process, destination and cgroup. Every call is counted once:
/// with its destination where that is named at the time, else with the others. So no count falls while it is shown.
/// </summary>
/// <param name="named">The limit on destinations that are named.</param>
sealed class RefusalTally(int named)
{
    /// <summary>The limit on destinations that are known, named or not.</summary>
    const int KnownAtMost = 512;

    readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    int _named;
    long _others;

    /// <summary>The time of the last refused call.</summary>
    public DateTimeOffset Last { get; private set; }

    /// <summary>Counts refused calls.</summary>
    /// <param name="refused">The last call, and the number of calls.</param>
    public void Add(RefusedConnect refused)
    {
        Last = refused.Last > Last ? refused.Last : Last;
        var key = $"{refused.Process}\n{refused.Destination}\n{refused.CgroupId}";
        if (!_entries.TryGetValue(key, out var entry))
        {
            if (_entries.Count >= KnownAtMost)
                ForgetOldest();
            _entries[key] = entry = new(refused);
        }

        entry.All += refused.Count;
        if (entry.Shown is null && IsAmongWorst(entry))
            (entry.Shown, _named) = (0, _named + 1);
        entry.Latest = refused.Last >= entry.Latest.Last ? refused : entry.Latest;
        if (entry.Shown is { } shown)
            entry.Shown = shown + refused.Count;
        else
            _others += refused.Count;
    }

    /// <summary>Moves the times of all refused calls, after the wall clock was set.</summary>
    public void Shift(TimeSpan by)
    {
        Last += by;
        foreach (var entry in _entries.Values)
            entry.Latest = entry.Latest with { Last = entry.Latest.Last + by };
    }

    /// <summary>Returns the counts.</summary>
    public RefusedConnects ToRefusedConnects()
    {
        var worst = new List<RefusedConnect>(_named);
        foreach (var entry in _entries.Values)
        {
            if (entry.Shown is { } shown)
                worst.Add(entry.Latest with { Count = shown });
        }

        worst.Sort(static (one, other) => other.Count.CompareTo(one.Count));
        return new([.. worst], _others);
    }

    /// <summary>
    /// Returns true where there is room for another name. A destination with more calls than a named one takes the
    /// place of the least, which is not shown any more.
    /// </summary>
    bool IsAmongWorst(Entry entry)
    {
        if (_named < named)
            return true;
        Entry? least = null;
        foreach (var other in _entries.Values)
        {
            if (other.Shown is not null && (least is null || other.All < least.All))
                least = other;
        }

        if (least is null || least.All >= entry.All)
            return false;
        (least.Shown, _named) = (null, _named - 1);
        return true;
    }

    void ForgetOldest()
    {
        string? oldest = null;
        var last = DateTimeOffset.MaxValue;
        foreach (var (key, entry) in _entries)
        {
            if (entry.Shown is null && entry.Latest.Last < last)
                (oldest, last) = (key, entry.Latest.Last);
        }

        if (oldest is not null)
            _ = _entries.Remove(oldest);
    }

    sealed class Entry(RefusedConnect latest)
    {
        /// <summary>The last refused call.</summary>
        public RefusedConnect Latest { get; set; } = latest;

        /// <summary>All refused calls.</summary>
        public long All { get; set; }

        /// <summary>The refused calls since the destination is named; null while it is not.</summary>
        public long? Shown { get; set; }
    }
}
