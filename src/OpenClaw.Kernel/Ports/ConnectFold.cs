using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Ports;

/// <summary>
/// Collects the ports that connect() of an unbound TCP socket cannot take, for each pair of source and destination. The
/// call takes any port of the range that no socket is explicitly bound to and its own pair does not use. See
/// __inet_hash_connect and __inet_check_established.
/// </summary>
/// <remarks>
/// It counts ports instead of storing them, because a pair has each port only once. It needs the sockets that hold a
/// port without a connection first. The readers pass them in that order.
/// </remarks>
sealed class ConnectFold
{
    /// <summary>
    /// The limit on pairs that are counted at a time. Above it, the rarest pairs are forgotten, which are never near
    /// exhaustion. A forgotten pair's count can only be too low, by at most <see cref="_forgotten"/>.
    /// </summary>
    const int PairsAtMost = 16384;

    /// <summary>LOOPBACK_IFINDEX: the index of lo in every network namespace.</summary>
    const uint LoopbackIndex = 1;

    readonly PortSet _blocked = new();
    readonly PortSet _connected = new();
    readonly Dictionary<SocketPair, Tally> _used = [];
    int _forgotten;
    bool _outOfOrder;
    bool _knowsBinds;
    readonly List<SocketRetransmits> _resending = [];
    RetransmitCounts? _retransmits;

    /// <summary>
    /// The ports that no connect() takes. A source that knows which sockets were bound explicitly adds them all.
    /// </summary>
    public PortSet Blocked => _blocked;

    /// <summary>The number of ports whose connected sockets may have been bound explicitly.</summary>
    public int Ambiguous => _outOfOrder ? ushort.MaxValue : _connected.Count;

    public void Clear()
    {
        _blocked.Clear();
        _connected.Clear();
        _used.Clear();
        _forgotten = 0;
        _outOfOrder = false;
        _knowsBinds = false;
        _resending.Clear();
        _retransmits = null;
    }

    /// <summary>Adds a socket that has sent segments again. Its pair is added for itself.</summary>
    public void Add(SocketRetransmits socket) => _resending.Add(socket);

    /// <summary>Adds the new retransmits of all sockets to the counts, which the results then show.</summary>
    public void CountRetransmits(RetransmitCounts counts)
    {
        counts.Add(_used.Keys, _resending);
        _retransmits = counts;
    }

    /// <summary>Adds the blocked ports of a source that shows which sockets were bound explicitly.</summary>
    public void AddBlocked(ReadOnlySpan<byte> ports)
    {
        _blocked.Add(ports);
        _knowsBinds = true;
    }

    /// <summary>Adds the sockets of a pair, at ports that are not blocked.</summary>
    public void Add(
        SocketAddress source,
        Destination destination,
        uint index,
        PairSockets sockets,
        EphemeralPortSettings settings
    )
    {
        var isReused =
            settings.Reuse == TimeWaitReuse.Always
            || (
                settings.Reuse == TimeWaitReuse.Loopback
                && (index == LoopbackIndex || source.IsLoopback || destination.Address.IsLoopback)
            );
        var timeWait = sockets.TimeWait + (isReused ? 0 : sockets.OldTimeWait);
        var used = sockets.Busy + sockets.Idle + timeWait;
        if (used == 0)
            return;
        _used[new(source, destination.Address, destination.Port, index)] = new()
        {
            Used = used,
            TimeWait = timeWait,
            Idle = sockets.Idle,
            Measures = sockets.Measures,
        };
    }

    public void Add(in SocketRecord record, EphemeralPortSettings settings)
    {
        var port = record.SourcePort;
        if (record.HoldsPortWithoutConnection)
        {
            _outOfOrder |= _connected.Contains(port);
            _blocked.Add(port);
            return;
        }

        if (_blocked.Contains(port))
            return;
        _connected.Add(port);
        if (IsReusable(record, settings))
            return;
        if (_used.Count == PairsAtMost)
            ForgetRarest();
        ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(
            _used,
            new(record.Source, record.Destination, record.DestinationPort, record.Interface),
            out _
        );
        tally.Used++;
        if (record.State == TcpState.TimeWait)
            tally.TimeWait++;
        else if (record.State == TcpState.Established && !record.HasTimer && record.QueuedBytes == 0)
            tally.Idle++;
    }

    /// <summary>Returns the worst pairs, and last a destination that has no connection yet.</summary>
    public ImmutableArray<ConnectPorts> ToConnectPorts(int limit, bool exactLimit, int worst)
    {
        var blocked = _blocked.Count;
        var connected = _connected.Count;
        var certain = exactLimit && !_outOfOrder && _forgotten == 0;

        // A port with a connection elsewhere may have been bound explicitly. Then this pair cannot use it. The count is
        // exact without such ports, and where the source shows what was bound.
        ConnectPorts Row(SocketAddress? source, Destination? destination, uint index, Tally tally) =>
            new(
                source,
                destination,
                index,
                Math.Min(blocked + tally.Used, limit),
                certain && (_knowsBinds || tally.Used == connected)
            )
            {
                Own = tally.Used,
                TimeWait = tally.TimeWait,
                IdleWithoutKeepalive = tally.Idle,
            };

        return
        [
            .. Worst(worst)
                .Select(entry =>
                    Row(
                        entry.Key.Source,
                        new(entry.Key.Destination, entry.Key.DestinationPort),
                        entry.Key.Interface,
                        entry.Value
                    ) with
                    {
                        Path = PathOf(entry.Key, entry.Value),
                    }
                ),
            Row(null, null, 0, default),
        ];
    }

    DestinationPath? PathOf(SocketPair pair, Tally tally) =>
        tally.Measures is { } measures ? new(measures.RoundTrip, measures.Retransmits, _retransmits?[pair]) : null;

    KeyValuePair<SocketPair, Tally>[] Worst(int count)
    {
        var queue = new PriorityQueue<
            KeyValuePair<SocketPair, Tally>,
            (int Used, SocketAddress, ushort, SocketAddress)
        >(count + 1);
        foreach (var entry in _used)
        {
            // A fixed order among equals keeps the same series from one scrape to the next.
            queue.Enqueue(
                entry,
                (entry.Value.Used, entry.Key.Destination, entry.Key.DestinationPort, entry.Key.Source)
            );
            if (queue.Count > count)
                queue.Dequeue();
        }

        var worst = new KeyValuePair<SocketPair, Tally>[queue.Count];
        for (var i = worst.Length - 1; i >= 0; i--)
            worst[i] = queue.Dequeue();
        return worst;
    }

    void ForgetRarest()
    {
        for (var threshold = 1; _used.Count > PairsAtMost / 2; threshold++)
        {
            _forgotten += threshold;
            foreach (var (pair, tally) in _used)
            {
                if (tally.Used <= threshold)
                    _used.Remove(pair);
            }
        }
    }

    /// <summary>Returns true where connect() may reuse the port of this TIME_WAIT socket (tcp_twsk_unique).</summary>
    static bool IsReusable(in SocketRecord record, EphemeralPortSettings settings) =>
        settings.Timestamps
        && record.TimeWaitAge is { } age
        && age >= settings.ReuseDelay
        && settings.Reuse switch
        {
            TimeWaitReuse.Always => true,
            TimeWaitReuse.Loopback => record.Source.IsLoopback || record.Destination.IsLoopback,
            _ => false,
        };

    /// <summary>The sockets of a pair that hold a port, with the reasons.</summary>
    struct Tally
    {
        public int Used;
        public int TimeWait;
        public int Idle;
        public PairMeasures? Measures;
    }
}
