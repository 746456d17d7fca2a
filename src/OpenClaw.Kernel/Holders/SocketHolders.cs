using System.Collections.Immutable;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Holders;

/// <summary>The holders of the sockets of a group.</summary>
/// <param name="Group">The group.</param>
/// <param name="Total">The whole weight: sockets, waiting connections or bytes.</param>
/// <param name="Processes">The processes that hold most, the worst first.</param>
public sealed record SocketHolders(SocketGroup Group, long Total, ImmutableArray<SocketHolder> Processes)
{
    /// <summary>The number of sockets in TIME_WAIT. No process holds them, but their ports are taken.</summary>
    public long TimeWait { get; init; }

    /// <summary>
    /// The weight of other sockets without a process: closed with data to deliver, or not yet accepted.
    /// </summary>
    public long WithoutProcess { get; init; }

    /// <summary>
    /// The part of <see cref="WithoutProcess"/> that its process closed, and the peer has not (FIN_WAIT2).
    /// </summary>
    public long ClosedHere { get; init; }

    /// <summary>
    /// The part of <see cref="WithoutProcess"/> whose FIN, or the data before it, the peer has not acknowledged
    /// (FIN_WAIT1, LAST_ACK, CLOSING).
    /// </summary>
    public long Unacknowledged { get; init; }

    /// <summary>The weight of sockets whose process was not found, by the user who created them.</summary>
    public ImmutableArray<OwnedWeight> Unfound { get; init; } = [];

    /// <summary>The weight by cgroup id, the heaviest first; without sockets whose cgroup is unknown.</summary>
    public ImmutableArray<OwnedWeight> Cgroups { get; init; } = [];

    /// <summary>The peers, the most frequent first; only of orphans and of the connections of cgroups.</summary>
    public ImmutableArray<PeerWeight> Peers { get; init; } = [];

    /// <summary>The reason why some processes were not found; null when all sockets have one.</summary>
    public Missing? Shortfall { get; init; }
}

/// <summary>The weight of the sockets of one owner.</summary>
/// <param name="Owner">The id of the cgroup or user.</param>
/// <param name="Weight">The weight.</param>
public sealed record OwnedWeight(ulong Owner, long Weight);

/// <summary>The sockets with one peer.</summary>
/// <param name="Peer">The peer; with port 0 where it has several ports.</param>
/// <param name="Weight">Their weight.</param>
public sealed record PeerWeight(Destination Peer, long Weight);

/// <summary>A process, or several of one program, that hold sockets of a group.</summary>
/// <param name="Process">The process, or the one that holds most.</param>
/// <param name="Weight">The weight of the sockets that they hold together.</param>
/// <param name="Sockets">The number of those sockets.</param>
/// <param name="Processes">The number of processes.</param>
public sealed record SocketHolder(HoldingProcess Process, long Weight, long Sockets, int Processes)
{
    /// <summary>The lowest inode of the sockets, which is that of the oldest one.</summary>
    internal ulong OldestInode { get; init; }

    /// <summary>
    /// The time since the oldest of the sockets was seen first, which is the least age it has; null before the second
    /// look.
    /// </summary>
    public TimeSpan? Oldest { get; init; }

    /// <summary>The growth of the weight in an hour since the first look; null in the first minute.</summary>
    public double? PerHour { get; init; }
}

/// <summary>The holders of the resources of a network namespace that are nearly full.</summary>
/// <param name="Groups">The groups that were looked for.</param>
public sealed record NamespaceHolders(ImmutableArray<SocketHolders> Groups) : IPerNamespace
{
    /// <summary>
    /// True while some groups are searched for the first time. A later snapshot has their holders.
    /// </summary>
    public bool IsIncomplete { get; init; }

    /// <summary>The processes that hold most of each group.</summary>
    public IEnumerable<HoldingProcess> Processes =>
        Groups.SelectMany(static group => group.Processes).Select(static holder => holder.Process);

    /// <summary>Returns the same value without some processes.</summary>
    internal NamespaceHolders Without(Func<HoldingProcess, bool> ended) =>
        this with
        {
            Groups =
            [
                .. Groups.Select(group =>
                    group with
                    {
                        Processes = group.Processes.RemoveAll(holder => ended(holder.Process)),
                    }
                ),
            ],
        };

    /// <summary>Returns the holders of a group; null where they were not looked for.</summary>
    public SocketHolders? Find(SocketGroup group) => Groups.FirstOrDefault(holders => holders.Group == group);
}
