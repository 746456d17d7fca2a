using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// Keeps the fullest listeners of a dump, in order; for each address only the fullest one, and how many there are.
/// </summary>
sealed class ListenerFold(int worst)
{
    /// <summary>The limit on addresses whose listeners are counted, so that memory does not grow with them.</summary>
    const int GroupsAtMost = 4096;

    readonly Listener[] _fullest = new Listener[worst];
    readonly Dictionary<(SocketAddress Address, ushort Port, uint Interface), (int All, int Full)> _groups = [];
    int _count;

    public void Clear()
    {
        _count = 0;
        _groups.Clear();
    }

    public void Add(in SocketRecord record)
    {
        var listener = new Listener(
            record.Source,
            record.SourcePort,
            record.Interface,
            record.ReceiveQueue,
            record.Backlog
        );
        Count(listener);
        if (_count == worst && !listener.ComesBefore(_fullest[^1]))
            return;

        // Less full listeners move back by one: over the old entry of the same listener, into the free place, or out of
        // the list.
        var place = 0;
        while (place < _count && !_fullest[place].IsSameListener(listener))
            place++;
        if (place < _count && !listener.ComesBefore(_fullest[place]))
            return;
        if (place == _count)
            place = _count < worst ? _count++ : worst - 1;
        for (; place > 0 && listener.ComesBefore(_fullest[place - 1]); place--)
            _fullest[place] = _fullest[place - 1];
        _fullest[place] = listener;
    }

    public ImmutableArray<Listener> ToListeners() =>
        [
            .. _fullest
                .Take(_count)
                .Select(listener =>
                    _groups.TryGetValue(KeyOf(listener), out var group)
                        ? listener with
                        {
                            Group = group.All,
                            FullOnes = group.Full,
                        }
                        : listener
                ),
        ];

    void Count(in Listener listener)
    {
        var key = KeyOf(listener);
        if (!_groups.TryGetValue(key, out var group) && _groups.Count == GroupsAtMost)
            return;
        _groups[key] = (group.All + 1, group.Full + (listener.IsFull ? 1 : 0));
    }

    static (SocketAddress Address, ushort Port, uint Interface) KeyOf(in Listener listener) =>
        (listener.Address, listener.Port, listener.Interface);
}
