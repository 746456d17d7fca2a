using System.Collections.Immutable;

namespace OpenClaw.Kernel.KernelLog;

/// <summary>
/// The time of the last message of each kind, for each network namespace. Any user may create namespaces without limit.
/// Above a limit, the entry with the oldest message is forgotten.
/// </summary>
sealed class LatestEvents
{
    /// <summary>The limit on entries, one for each kind and namespace.</summary>
    internal const int AtMost = 8;

    readonly Dictionary<(KernelLogKind Kind, ulong? Namespace), KernelLogEvent> _seen = [];

    /// <summary>Adds one event. It replaces an earlier one of its kind and namespace.</summary>
    public void Note(KernelLogKind kind, ulong? netns, DateTimeOffset time, string listener = "")
    {
        _seen[(kind, netns)] = new(kind, netns, time) { Listener = listener };
        if (_seen.Count > AtMost)
            _seen.Remove(_seen.MinBy(static pair => pair.Value.LastSeen).Key);
    }

    /// <summary>Moves the times of all events, after the wall clock was set.</summary>
    public void Shift(TimeSpan by)
    {
        foreach (var (key, seen) in _seen)
            _seen[key] = seen with { LastSeen = seen.LastSeen + by };
    }

    /// <summary>Returns the events that are kept.</summary>
    public ImmutableArray<KernelLogEvent> ToArray() => [.. _seen.Values];
}
