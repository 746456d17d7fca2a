using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;

namespace OpenClaw.Kernel.Holders;

/// <summary>Collects from a dump the sockets of some groups, of one protocol.</summary>
/// <param name="groups">The groups.</param>
/// <param name="settings">The ports that the kernel assigns.</param>
sealed class HolderFold(ImmutableArray<SocketGroup> groups, EphemeralPortSettings settings) : ISocketFold
{
    /// <summary>The sockets of each group, in the order of the groups.</summary>
    public ImmutableArray<GroupTally> Tallies { get; } = [.. groups.Select(static group => new GroupTally(group))];

    public void Restart()
    {
        foreach (var tally in Tallies)
            tally.Clear();
    }

    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (!SocketRecord.TryRead(payload, out var record))
            return false;
        var isAssigned = settings.Includes(record.SourcePort);
        foreach (var tally in Tallies)
        {
            if ((isAssigned || !tally.Group.CountsPorts) && tally.Group.Includes(record))
                tally.Add(record);
        }

        return true;
    }
}

/// <summary>The sockets of a group.</summary>
/// <param name="group">The group.</param>
sealed class GroupTally(SocketGroup group) : IDisposable
{
    /// <summary>
    /// The limit on sockets that are kept, 24 bytes each. It is twice the number of ports, so that only a listener
    /// with very many connections exceeds it.
    /// </summary>
    public const int SocketsAtMost = 2 * (ushort.MaxValue + 1);

    /// <summary>The limit on peers that are told apart. The most frequent ones come early.</summary>
    const int PeersAtMost = 4096;

    readonly Dictionary<ulong, long> _cgroups = [];
    readonly Dictionary<Destination, PeerWeight> _peers = [];
    readonly PortSet? _timeWait = group.CountsPorts ? new() : null;
    readonly PortSet? _withoutProcess = group.CountsPorts ? new() : null;
    long _waiting;
    long _weightWithoutProcess;

    public SocketGroup Group => group;

    /// <summary>The sockets of processes.</summary>
    public SocketBuffer Sockets { get; } = new();

    /// <summary>True where there were more sockets than are kept.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The weight of all sockets: those of processes, and those without one.</summary>
    public long Total { get; private set; }

    public long TimeWait => _timeWait?.Count ?? _waiting;

    public long WithoutProcess => _withoutProcess?.Count ?? _weightWithoutProcess;

    /// <summary>The part of those that their process closed, and the peer has not.</summary>
    public long ClosedHere { get; private set; }

    public void Dispose() => Sockets.Dispose();

    public void Clear()
    {
        Sockets.Clear();
        _cgroups.Clear();
        _peers.Clear();
        _timeWait?.Clear();
        _withoutProcess?.Clear();
        (_waiting, _weightWithoutProcess, ClosedHere, Total, IsCut) = (0, 0, 0, 0, false);
    }

    public void Add(in SocketRecord socket)
    {
        var weight = group.WeightOf(socket);
        Total += weight;
        if (socket.State == TcpState.TimeWait)
        {
            _waiting += weight;
            _timeWait?.Add(socket.SourcePort);
            return;
        }

        CollectionsMarshal.GetValueRefOrAddDefault(_cgroups, socket.CgroupId, out _) += weight;
        if (group.PeerOf(socket) is { } peer)
            Add(peer, socket.DestinationPort, weight);
        if (socket.Inode == 0)
        {
            _weightWithoutProcess += weight;
            if (socket.State is TcpState.FinWait1 or TcpState.FinWait2 or TcpState.Closing or TcpState.LastAck)
                ClosedHere += weight;
            _withoutProcess?.Add(socket.SourcePort);
            return;
        }

        if (Sockets.Count == SocketsAtMost)
            IsCut = true;
        else
            Sockets.Add(new(socket.Inode, weight, socket.SourcePort, socket.User));
    }

    /// <summary>Returns the most frequent peers.</summary>
    public ImmutableArray<PeerWeight> ToPeers() =>
        [
            .. _peers
                .Values.OrderByDescending(static peer => peer.Weight)
                .ThenBy(static peer => peer.Peer.Address)
                .ThenBy(static peer => peer.Peer.Port)
                .Take(HolderRanking.HoldersAtMost),
        ];

    void Add(Destination peer, ushort port, long weight)
    {
        if (_peers.TryGetValue(peer, out var known))
        {
            _peers[peer] = new(
                known.Peer.Port == port ? known.Peer : known.Peer with { Port = 0 },
                known.Weight + weight
            );
        }
        else if (_peers.Count < PeersAtMost)
        {
            _peers[peer] = new(peer with { Port = port }, weight);
        }
    }

    /// <summary>Returns the weight by cgroup, the heaviest first, without sockets whose cgroup is unknown.</summary>
    public ImmutableArray<OwnedWeight> ToCgroups() =>
        [
            .. _cgroups
                .Where(static cgroup => cgroup.Key != 0)
                .Select(static cgroup => new OwnedWeight(cgroup.Key, cgroup.Value))
                .OrderByDescending(static cgroup => cgroup.Weight)
                .ThenBy(static cgroup => cgroup.Owner),
        ];
}
