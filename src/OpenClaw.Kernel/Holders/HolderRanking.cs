using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Holders;

/// <summary>Ranks the processes that hold the sockets of groups.</summary>
/// <param name="proc">The procfs.</param>
/// <param name="sockets">The sockets of all groups.</param>
/// <param name="processes">The processes, and their sockets.</param>
sealed class HolderRanking(ProcMount proc, SocketBuffer sockets, IReadOnlyList<SocketsOfProcess> processes)
{
    /// <summary>The limit on holders that are named.</summary>
    public const int HoldersAtMost = 5;

    /// <summary>The limit on processes whose program and cgroup are read; the rest hold less.</summary>
    const int ProcessesAtMost = 256;

    /// <summary>
    /// The part of its program's sockets from which a process is named alone. Workers share the work evenly.
    /// </summary>
    const double Alone = 0.5;

    readonly HoldingPrograms _programs = new(proc);
    readonly PortSet _ports = new();

    /// <summary>
    /// The processes, read once for all groups. The sockets of a process are all over the memory, and most are in
    /// several groups.
    /// </summary>
    ImmutableArray<Whole> _processes;

    /// <summary>
    /// Returns the processes that hold most, the worst first, and the users of the sockets whose process was not found.
    /// </summary>
    /// <param name="tally">The group.</param>
    public (ImmutableArray<SocketHolder> Holders, ImmutableArray<OwnedWeight> Unfound) Rank(GroupTally tally)
    {
        if (_processes.IsDefault)
            _processes = [.. processes.Select(WholeOf)];
        var isFound = new bool[sockets.Count];
        var shares = new List<Share>();
        foreach (var process in _processes)
        {
            if (ShareOf(process, tally) is not { Places.Length: > 0 } share)
                continue;
            shares.Add(share);
            foreach (var place in share.Places)
                isFound[place] = true;
        }

        var holders = shares
            .OrderByDescending(static share => share.Weight)
            .ThenByDescending(static share => share.Places.Length)
            .ThenBy(static share => share.Pid)
            .Take(ProcessesAtMost)
            .GroupBy(share => _programs.ProgramOf(share.Pid))
            .SelectMany(program => Programs([.. program], tally))
            .OrderByDescending(static holder => holder.Weight)
            .ThenByDescending(static holder => holder.Sockets)
            .ThenBy(static holder => holder.Shares[0].Pid)
            .Take(HoldersAtMost);
        return (
            [
                .. holders.Select(holder => new SocketHolder(
                    _programs.Named(holder.Shares[0].Pid),
                    holder.Weight,
                    holder.Sockets,
                    holder.Shares.Length
                )
                {
                    OldestInode = holder.Shares.Min(static share => share.Oldest),
                }),
            ],
            UsersOf(isFound, tally)
        );
    }

    Whole WholeOf(SocketsOfProcess process)
    {
        var held = sockets.Sockets;
        var (common, oldest) = (ulong.MaxValue, ulong.MaxValue);
        _ports.Clear();
        foreach (var place in process.Places)
        {
            ref readonly var socket = ref held[place];
            common &= socket.Groups;
            oldest = Math.Min(oldest, socket.Inode);
            _ports.Add(socket.Port);
        }

        return new(process, common, _ports.Count, oldest);
    }

    Share ShareOf(Whole whole, GroupTally tally)
    {
        var (process, common, ports, oldest) = whole;
        if (tally.Group.CountsPorts && (common & tally.Bit) != 0)
            return new(process.Pid, process.Places, ports, oldest);
        var places = PlacesOf(process.Places, tally);
        oldest = ulong.MaxValue;
        foreach (var place in places)
            oldest = Math.Min(oldest, sockets.Sockets[place].Inode);
        return new(process.Pid, places, WeightOf(places, tally), oldest);
    }

    /// <summary>Returns the weight of the sockets without a process by their users, the heaviest first.</summary>
    ImmutableArray<OwnedWeight> UsersOf(bool[] isFound, GroupTally tally)
    {
        var places = new Dictionary<uint, List<int>>();
        for (var place = 0; place < isFound.Length; place++)
        {
            if (isFound[place] || (sockets.Sockets[place].Groups & tally.Bit) == 0)
                continue;
            var user = sockets.Sockets[place].User;
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
        while (true)
        {
            // Sharers of the same sockets, as a parent and its children, count as one.
            var all = Together(shares, tally);
            var first = shares[0];
            if (
                shares.Length == 1
                || first.Weight < Alone * all.Weight
                || shares.All(share => share.Places.AsSpan().SequenceEqual(first.Places))
            )
            {
                yield return all;
                yield break;
            }

            yield return Together([first], tally);
            shares = shares.RemoveAt(0);
        }
    }

    Ranked Together(ImmutableArray<Share> shares, GroupTally tally)
    {
        if (shares is [var only])
            return new(shares, only.Weight, only.Places.Length);
        var isHeld = new bool[sockets.Count];
        foreach (var share in shares)
        {
            foreach (var place in share.Places)
                isHeld[place] = true;
        }

        // In the order of the sockets in memory.
        var places = new List<int>(isHeld.Length);
        for (var place = 0; place < isHeld.Length; place++)
        {
            if (isHeld[place])
                places.Add(place);
        }

        return new(shares, WeightOf(CollectionsMarshal.AsSpan(places), tally), places.Count);
    }

    /// <summary>Returns the places of the group among those of a process.</summary>
    int[] PlacesOf(int[] all, GroupTally tally)
    {
        var held = sockets.Sockets;
        var places = new int[all.Length];
        var count = 0;
        foreach (var place in all)
        {
            if ((held[place].Groups & tally.Bit) != 0)
                places[count++] = place;
        }

        return count == all.Length ? all : places[..count];
    }

    long WeightOf(ReadOnlySpan<int> places, GroupTally tally)
    {
        var held = sockets.Sockets;
        var weight = 0L;
        if (tally.Group is { CountsPorts: false, HasWeights: false })
            return places.Length;
        if (tally.Group.HasWeights)
        {
            foreach (var place in places)
                weight += held[place].Weight;
            return weight;
        }

        _ports.Clear();
        foreach (var place in places)
        {
            var port = held[place].Port;
            weight += _ports.Contains(port) ? 0 : 1;
            _ports.Add(port);
        }

        return weight;
    }

    /// <summary>The sockets of the group that a process holds.</summary>
    /// <param name="Pid">The process.</param>
    /// <param name="Places">The places of the sockets, in ascending order.</param>
    /// <param name="Weight">Their weight.</param>
    /// <param name="Oldest">The lowest of their inodes.</param>
    sealed record Share(int Pid, int[] Places, long Weight, ulong Oldest);

    /// <summary>A process with the sockets of all groups.</summary>
    /// <param name="Process">The process.</param>
    /// <param name="Common">The bits of the groups that all of them are in.</param>
    /// <param name="Ports">The number of their ports.</param>
    /// <param name="Oldest">The lowest of their inodes.</param>
    readonly record struct Whole(SocketsOfProcess Process, ulong Common, int Ports, ulong Oldest);

    /// <summary>Processes of one program.</summary>
    /// <param name="Shares">The sockets of each.</param>
    /// <param name="Weight">The weight of all, each socket counted once.</param>
    /// <param name="Sockets">The number of their sockets.</param>
    sealed record Ranked(ImmutableArray<Share> Shares, long Weight, long Sockets);
}
