using System.Collections.Immutable;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Holders;

/// <summary>Ranks the processes that hold the sockets of a group.</summary>
sealed class HolderRanking
{
    /// <summary>The limit on holders that are named.</summary>
    public const int HoldersAtMost = 5;

    /// <summary>The limit on processes whose program and cgroup are read; the rest hold less.</summary>
    const int ProcessesAtMost = 256;

    /// <summary>
    /// The part of its program's sockets from which a process is named alone. Workers share the work evenly.
    /// </summary>
    const double Alone = 0.5;

    /// <summary>The inodes of the sockets of the group, in ascending order.</summary>
    readonly ulong[] _inodes;

    /// <summary>The sockets in the order of their inodes.</summary>
    readonly HeldSocket[] _sockets;

    readonly ProcMount _proc;
    readonly GroupTally _tally;

    /// <summary>Makes the ranking.</summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="tally">The sockets of the group.</param>
    public HolderRanking(ProcMount proc, GroupTally tally)
    {
        (_proc, _tally) = (proc, tally);
        _sockets = [.. tally.Sockets];
        _inodes = [.. _sockets.Select(static socket => socket.Inode)];
        Array.Sort(_inodes, _sockets);
    }

    /// <summary>
    /// Returns the processes that hold most, the worst first, and the users of the sockets whose process was not found.
    /// </summary>
    public (ImmutableArray<SocketHolder> Holders, ImmutableArray<OwnedWeight> Unfound) Rank(
        IEnumerable<SocketsOfProcess> processes
    )
    {
        var holding = processes
            .Select(process => new Share(process.Pid, Held(process.Inodes)))
            .Where(static share => share.Sockets.Length > 0)
            .ToList();
        foreach (var share in holding)
            share.Weight = WeightOf(share.Sockets);
        var found = holding.SelectMany(static share => share.Sockets).Select(static held => held.Inode).ToHashSet();
        var unfound = _sockets
            .Where(held => !found.Contains(held.Inode))
            .GroupBy(static held => held.User)
            .Select(user => new OwnedWeight(user.Key, WeightOf([.. user])))
            .OrderByDescending(static user => user.Weight)
            .ThenBy(static user => user.Owner);
        var ranked = holding
            .OrderByDescending(static share => share.Weight)
            .ThenByDescending(static share => share.Sockets.Length)
            .ThenBy(static share => share.Pid)
            .Take(ProcessesAtMost);
        var holders = ranked
            .GroupBy(share => ProgramOf(share.Pid))
            .SelectMany(program => Programs([.. program]))
            .OrderByDescending(static holder => holder.Weight)
            .ThenByDescending(static holder => holder.Sockets)
            .ThenBy(static holder => holder.Shares[0].Pid)
            .Take(HoldersAtMost);
        return (
            [
                .. holders.Select(holder => new SocketHolder(
                    HoldingProcess.Read(_proc, holder.Shares[0].Pid),
                    holder.Weight,
                    holder.Sockets,
                    holder.Shares.Length
                )
                {
                    OldestInode = holder.Shares.Min(static share => share.Sockets.Min(static held => held.Inode)),
                }),
            ],
            [.. unfound]
        );
    }

    /// <summary>Splits the processes of one program into those that are named alone and the rest.</summary>
    IEnumerable<Ranked> Programs(ImmutableArray<Share> shares)
    {
        while (shares.Length > 1 && Rank(shares) is var all && shares[0].Weight >= Alone * all.Weight)
        {
            // Sharers of the same sockets, as a parent and its children, count as one.
            var first = shares[0].Sockets;
            if (shares.Skip(1).All(share => share.Sockets.AsSpan().SequenceEqual(first)))
                break;
            yield return Rank([shares[0]]);
            shares = shares.RemoveAt(0);
        }

        yield return Rank(shares);
    }

    Ranked Rank(ImmutableArray<Share> shares)
    {
        var union = Union(shares);
        return new(shares, WeightOf(union), union.Length);
    }

    (string Name, string Cgroup) ProgramOf(int pid) =>
        (
            ProcessName.Read(_proc, pid).TryGet(out var name) ? name.NameWithScript : "",
            _proc.Read($"{pid}/cgroup", ProcessOwner.Parse).TryGet(out var owner) ? owner.Cgroup : ""
        );

    /// <summary>Returns the sockets of the group among those of a process.</summary>
    HeldSocket[] Held(ulong[] inodes)
    {
        var held = new List<HeldSocket>(inodes.Length);
        foreach (var inode in inodes)
        {
            if (Array.BinarySearch(_inodes, inode) is >= 0 and var place)
                held.Add(_sockets[place]);
        }

        return [.. held];
    }

    static HeldSocket[] Union(IReadOnlyCollection<Share> shares) =>
        shares.Count == 1
            ? shares.First().Sockets
            : [.. shares.SelectMany(static share => share.Sockets).DistinctBy(static socket => socket.Inode)];

    long WeightOf(HeldSocket[] sockets) =>
        _tally.Group.CountsPorts
            ? sockets.Select(static socket => socket.Port).Distinct().Count()
            : sockets.Sum(static socket => socket.Weight);

    sealed class Share(int pid, HeldSocket[] sockets)
    {
        public int Pid => pid;

        public HeldSocket[] Sockets => sockets;

        public long Weight { get; set; }
    }

    sealed record Ranked(ImmutableArray<Share> Shares, long Weight, long Sockets);
}
