using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;

namespace OpenClaw.Kernel.Holders;

/// <summary>Collects from a dump the sockets of some groups, of one protocol.</summary>
/// <param name="tallies">The groups.</param>
/// <param name="sockets">Takes the sockets of processes, behind those of other dumps.</param>
/// <param name="settings">The ports that the kernel assigns.</param>
sealed class HolderFold(ImmutableArray<GroupTally> tallies, SocketBuffer sockets, EphemeralPortSettings settings)
    : ISocketFold
{
    readonly int _start = sockets.Count;

    public void Restart()
    {
        sockets.Cut(_start);
        foreach (var tally in tallies)
            tally.Clear();
    }

    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (!SocketRecord.TryRead(payload, out var record))
            return false;
        var isAssigned = settings.Includes(record.SourcePort);
        ulong? cgroup = null;
        var (groups, weight) = (0UL, 1L);
        foreach (var tally in tallies)
        {
            if ((!isAssigned && tally.Group.CountsPorts) || !tally.Group.Includes(record))
                continue;
            cgroup ??= record.CgroupId;
            if (!tally.TryAdd(record, cgroup.Value))
                continue;

            groups |= tally.Bit;
            if (tally.Group.HasWeights)
                weight = tally.Group.WeightOf(record);
        }

        if (groups != 0)
            sockets.Add(new(record.Inode, weight, groups, record.SourcePort, record.User));
        return true;
    }
}

/// <summary>The counts of a group.</summary>
/// <param name="group">The group.</param>
/// <param name="place">The place of the group among all, below 64.</param>
sealed class GroupTally(SocketGroup group, int place)
{
    /// <summary>
    /// The limit on sockets of a group that are kept. It is twice the number of ports, so that only a listener with
    /// very many connections exceeds it.
    /// </summary>
    const int SocketsAtMost = 2 * (ushort.MaxValue + 1);

    /// <summary>The limit on peers that are told apart. The most frequent ones come early.</summary>
    const int PeersAtMost = 4096;

    readonly Dictionary<ulong, long> _cgroups = [];
    readonly Dictionary<Destination, PeerWeight> _peers = [];
    readonly PortSet? _timeWait = group.CountsPorts ? new() : null;
    readonly PortSet? _withoutProcess = group.CountsPorts ? new() : null;
    long _waiting;
    long _weightWithoutProcess;
    int _kept;

    public SocketGroup Group => group;

    /// <summary>The bit of the group in <see cref="HeldSocket.Groups"/>.</summary>
    public ulong Bit { get; } = 1UL << place;

    /// <summary>The weight of all sockets: those of processes, and those without one.</summary>
    public long Total { get; private set; }

    public long TimeWait => _timeWait?.Count ?? _waiting;

    public long WithoutProcess => _withoutProcess?.Count ?? _weightWithoutProcess;

    /// <summary>The part of those that their process closed, and the peer has not.</summary>
    public long ClosedHere { get; private set; }

    /// <summary>See <see cref="SocketHolders.Unacknowledged"/>.</summary>
    public long Unacknowledged { get; private set; }

    public void Clear()
    {
        _cgroups.Clear();
        _peers.Clear();
        _timeWait?.Clear();
        _withoutProcess?.Clear();
        (_waiting, _weightWithoutProcess, ClosedHere, Unacknowledged, Total, _kept) = (0, 0, 0, 0, 0, 0);
    }

    /// <summary>Counts a socket. Returns true where it is to be kept, because a process may have it.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="cgroup">The id of its cgroup, or 0.</param>
    public bool TryAdd(in SocketRecord socket, ulong cgroup)
    {
        var weight = group.WeightOf(socket);
        Total += weight;
        if (socket.State == TcpState.TimeWait)
        {
            _waiting += weight;
            _timeWait?.Add(socket.SourcePort);
            return false;
        }

        CollectionsMarshal.GetValueRefOrAddDefault(_cgroups, cgroup, out _) += weight;
        if (group.PeerOf(socket) is { } peer)
            Add(peer, socket.DestinationPort, weight);
        if (socket.Inode == 0)
        {
            _weightWithoutProcess += weight;
            if (socket.State == TcpState.FinWait2)
                ClosedHere += weight;
            else if (socket.IsOrphan)
                Unacknowledged += weight;
            _withoutProcess?.Add(socket.SourcePort);
            return false;
        }

        return ++_kept <= SocketsAtMost;
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
