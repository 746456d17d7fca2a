using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Sockets;

/// <summary>Keeps the fullest listeners of a dump, in order; for each address only the fullest one.</summary>
sealed class ListenerFold(int worst)
{
    readonly Listener[] _fullest = new Listener[worst];
    int _count;

    public void Clear() => _count = 0;

    public void Add(in SocketRecord record)
    {
        var listener = new Listener(
            record.Source,
            record.SourcePort,
            record.Interface,
            record.ReceiveQueue,
            record.Backlog
        );
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

    public ImmutableArray<Listener> ToListeners() => ImmutableArray.Create(_fullest.AsSpan(0, _count));
}
