using System.Collections.Immutable;

namespace OpenClaw.Kernel.KernelLog;

/// <summary>
/// When each kind of event was last logged for each network namespace. Namespaces come and go and their number is
/// anybody's to raise: of too many, the one that was last logged longest ago is forgotten.
/// </summary>
sealed class LatestEvents
{
    /// <summary>Kinds and namespaces that are kept.</summary>
    internal const int AtMost = 8;

    readonly Dictionary<(KernelLogKind Kind, ulong? Namespace), DateTimeOffset> _seen = [];

    /// <summary>Takes in one event; a later one of its kind and namespace replaces it.</summary>
    public void Note(KernelLogKind kind, ulong? netns, DateTimeOffset time)
    {
        _seen[(kind, netns)] = time;
        if (_seen.Count > AtMost)
            _seen.Remove(_seen.MinBy(static pair => pair.Value).Key);
    }

    /// <summary>Those that are kept.</summary>
    public ImmutableArray<KernelLogEvent> ToArray() =>
        [.. _seen.Select(static pair => new KernelLogEvent(pair.Key.Kind, pair.Key.Namespace, pair.Value))];
}
