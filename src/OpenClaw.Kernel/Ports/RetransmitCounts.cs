namespace OpenClaw.Kernel.Ports;

/// <summary>
/// Adds up the retransmits to each destination of one network namespace, from one walk to the next. The sum over the
/// open sockets falls when one of them is closed, so it is no count of events.
/// </summary>
sealed class RetransmitCounts
{
    Dictionary<SocketPair, long> _counts = [];
    Dictionary<ulong, SocketRetransmits> _seen = [];

    /// <summary>The retransmits of a pair that walks have seen; 0 for none.</summary>
    public long this[SocketPair pair] => _counts.GetValueOrDefault(pair);

    /// <summary>
    /// Adds those since the last walk. A pair without sockets is forgotten, and would start at 0 again.
    /// </summary>
    /// <param name="pairs">The pairs that have sockets.</param>
    /// <param name="sockets">The sockets that have sent a segment again.</param>
    public void Add(IEnumerable<SocketPair> pairs, IReadOnlyCollection<SocketRetransmits> sockets)
    {
        var more = new Dictionary<SocketPair, long>();
        var seen = new Dictionary<ulong, SocketRetransmits>();
        foreach (var socket in sockets)
        {
            // Below the last count, it is another socket at this address, or it was connected again.
            var before =
                _seen.GetValueOrDefault(socket.Address) is { } known && known.Pair == socket.Pair ? known.Count : 0;
            var rise = socket.Count < before ? socket.Count : socket.Count - before;
            more[socket.Pair] = more.GetValueOrDefault(socket.Pair) + rise;
            seen[socket.Address] = socket;
        }

        var next = new Dictionary<SocketPair, long>();
        foreach (var pair in pairs)
        {
            if (this[pair] + more.GetValueOrDefault(pair) is > 0 and var count)
                next[pair] = count;
        }

        (_counts, _seen) = (next, seen);
    }
}

/// <summary>The segments that a socket has sent again since it was connected.</summary>
/// <param name="pair">Its pair.</param>
/// <param name="address">Its address in the kernel, which tells it from others while it is open.</param>
/// <param name="count">Their number.</param>
sealed class SocketRetransmits(SocketPair pair, ulong address, long count)
{
    public SocketPair Pair => pair;

    public ulong Address => address;

    public long Count => count;
}
