using System.Collections.Immutable;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Holders;

/// <summary>Ranks the processes that hold the sockets of groups.</summary>
/// <param name="proc">The procfs.</param>
/// <param name="processes">The processes, and their sockets.</param>
sealed class HolderRanking(ProcMount proc, IReadOnlyList<SocketsOfProcess> processes)
{
    /// <summary>The limit on holders that are named.</summary>
    public const int HoldersAtMost = 5;

    /// <summary>The limit on processes whose program and cgroup are read; the rest hold less.</summary>
    const int ProcessesAtMost = 256;

    /// <summary>
    /// The part of its program's sockets from which a process is named alone. Workers share the work evenly.
    /// </summary>
    const double Alone = 0.5;

    /// <summary>The program and cgroup of each process, which may hold the sockets of several groups.</summary>
    readonly Dictionary<int, (string Name, string Cgroup)> _programs = [];

    readonly PortSet _ports = new();

    /// <summary>
    /// Returns the processes that hold most, the worst first, and the users of the sockets whose process was not found.
    /// </summary>
    /// <param name="tally">The sockets of a group.</param>
    public (ImmutableArray<SocketHolder> Holders, ImmutableArray<OwnedWeight> Unfound) Rank(GroupTally tally)
    {
        using var byInode = tally.Sockets.ToPlaces();
        var isFound = new bool[tally.Sockets.Count];
        var shares = new List<Share>();
        foreach (var process in processes)
        {
            if (PlacesOf(process.Inodes, byInode) is not { Length: > 0 } places)
                continue;
            shares.Add(new(process.Pid, places, WeightOf(places, tally)));
            foreach (var place in places)
                isFound[place] = true;
        }

        var holders = shares
            .OrderByDescending(static share => share.Weight)
            .ThenByDescending(static share => share.Places.Length)
            .ThenBy(static share => share.Pid)
            .Take(ProcessesAtMost)
            .GroupBy(share => ProgramOf(share.Pid))
            .SelectMany(program => Programs([.. program], tally))
            .OrderByDescending(static holder => holder.Weight)
            .ThenByDescending(static holder => holder.Sockets)
            .ThenBy(static holder => holder.Shares[0].Pid)
            .Take(HoldersAtMost);
        return (
            [
                .. holders.Select(holder => new SocketHolder(
                    HoldingProcess.Read(proc, holder.Shares[0].Pid),
                    holder.Weight,
                    holder.Sockets,
                    holder.Shares.Length
                )
                {
                    OldestInode = holder.Shares.Min(share => OldestOf(share, tally)),
                }),
            ],
            UsersOf(isFound, tally)
        );
    }

    static ulong OldestOf(Share share, GroupTally tally)
    {
        var oldest = ulong.MaxValue;
        foreach (var place in share.Places)
            oldest = Math.Min(oldest, tally.Sockets.Sockets[place].Inode);
        return oldest;
    }

    /// <summary>Returns the weight of the sockets without a process by their users, the heaviest first.</summary>
    ImmutableArray<OwnedWeight> UsersOf(bool[] isFound, GroupTally tally)
    {
        var places = new Dictionary<uint, List<int>>();
        for (var place = 0; place < isFound.Length; place++)
        {
            if (isFound[place])
                continue;
            var user = tally.Sockets.Sockets[place].User;
            if (!places.TryGetValue(user, out var known))
                places[user] = known = [];
            known.Add(place);
        }

        return
        [
            .. places
                .Select(user => new OwnedWeight(user.Key, WeightOf([.. user.Value], tally)))
                .OrderByDescending(static user => user.Weight)
                .ThenBy(static user => user.Owner),
        ];
    }

    /// <summary>Splits the processes of one program into those that are named alone and the rest.</summary>
    IEnumerable<Ranked> Programs(ImmutableArray<Share> shares, GroupTally tally)
    {
        while (shares.Length > 1 && Together(shares, tally) is var all && shares[0].Weight >= Alone * all.Weight)
        {
            // Sharers of the same sockets, as a parent and its children, count as one.
            var first = shares[0].Places;
            if (shares.Skip(1).All(share => share.Places.AsSpan().SequenceEqual(first)))
                break;
            yield return Together([shares[0]], tally);
            shares = shares.RemoveAt(0);
        }

        yield return Together(shares, tally);
    }

    Ranked Together(ImmutableArray<Share> shares, GroupTally tally)
    {
        if (shares is [var only])
            return new(shares, only.Weight, only.Places.Length);
        var isCounted = new bool[tally.Sockets.Count];
        var places = new List<int>();
        foreach (var place in shares.SelectMany(static share => share.Places))
        {
            if (isCounted[place])
                continue;
            isCounted[place] = true;
            places.Add(place);
        }

        return new(shares, WeightOf([.. places], tally), places.Count);
    }

    (string Name, string Cgroup) ProgramOf(int pid)
    {
        if (!_programs.TryGetValue(pid, out var program))
        {
            _programs[pid] = program = (
                ProcessName.Read(proc, pid).TryGet(out var name) ? name.NameWithScript : "",
                proc.Read($"{pid}/cgroup", ProcessOwner.Parse).TryGet(out var owner) ? owner.Cgroup : ""
            );
        }

        return program;
    }

    /// <summary>Returns the places of the sockets of the group among those of a process, in ascending order.</summary>
    static int[] PlacesOf(ulong[] inodes, InodePlaces byInode)
    {
        var places = new int[inodes.Length];
        var count = 0;
        foreach (var inode in inodes)
        {
            if (byInode.Find(inode) is >= 0 and var place)
                places[count++] = place;
        }

        if (count < places.Length)
            places = places[..count];
        places.AsSpan().Sort();
        return places;
    }

    long WeightOf(ReadOnlySpan<int> places, GroupTally tally)
    {
        var sockets = tally.Sockets.Sockets;
        var weight = 0L;
        if (!tally.Group.CountsPorts)
        {
            foreach (var place in places)
                weight += sockets[place].Weight;
            return weight;
        }

        _ports.Clear();
        foreach (var place in places)
        {
            var port = sockets[place].Port;
            weight += _ports.Contains(port) ? 0 : 1;
            _ports.Add(port);
        }

        return weight;
    }

    /// <summary>The sockets of the group that a process holds.</summary>
    /// <param name="Pid">The process.</param>
    /// <param name="Places">The places of the sockets in the tally, in ascending order.</param>
    /// <param name="Weight">Their weight.</param>
    sealed record Share(int Pid, int[] Places, long Weight);

    /// <summary>Processes of one program.</summary>
    /// <param name="Shares">The sockets of each.</param>
    /// <param name="Weight">The weight of all, each socket counted once.</param>
    /// <param name="Sockets">The number of their sockets.</param>
    sealed record Ranked(ImmutableArray<Share> Shares, long Weight, long Sockets);
}
