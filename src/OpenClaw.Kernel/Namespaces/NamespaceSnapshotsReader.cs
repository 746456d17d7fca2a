using System.Collections.Immutable;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// Goes through the other network namespaces, one after the other, on a thread of its own. A dump of sockets walks
/// those of the whole machine, so a namespace that nothing uses is left after the cheap files that say so, and as a
/// rule not even entered.
/// </summary>
/// <param name="proc">The mount that shows the processes of the namespaces.</param>
/// <param name="selection">Which of them to look at.</param>
/// <param name="inside">The readers that run in a namespace that is used.</param>
/// <param name="outside">The readers that see the namespace of a process without entering it.</param>
sealed class NamespaceSnapshotsReader(
    ProcMount proc,
    NamespaceSelection selection,
    ImmutableArray<Reader> inside,
    Func<ProcMount, int, ImmutableArray<Reader>> outside
) : Reader<NamespaceSnapshots>("namespace_snapshots", "setns(), and the other readers inside"), IDisposable
{
    /// <summary>Names in a message.</summary>
    const int NamesAtMost = 20;

    readonly ReaderOrder _inside = new(inside);
    readonly HomeNamespace _home = new(proc);
    readonly ConntrackCounts _tracked = new(proc);
    readonly OwedNamespaces _owed = new();

    Missing? _unknown;

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(NetworkNamespaces), typeof(ConntrackTable)];

    public override bool HasOwnThread => true;

    public void Dispose() => _home.Dispose();

    protected override Reading<NamespaceSnapshots> Read(SamplingPass sampling) =>
        sampling.Get<NetworkNamespaces>().Then(found => Read(found, sampling));

    Reading<NamespaceSnapshots> Read(NetworkNamespaces found, SamplingPass sampling)
    {
        var wanted = found.All.Where(selection.Includes).ToList();
        _unknown =
            wanted.Count > 0
                ? null
                : new(
                    Absence.NotPresent,
                    $"no network namespace is called '{selection.Only}'; there are "
                        + $"{string.Join(", ", found.All.Take(NamesAtMost).Select(static netns => netns.Name))}"
                );
        var order = _owed.First(wanted.Where(static netns => !netns.IsOwn));
        var includesOwn = order.Count < wanted.Count;
        _tracked.Keep(order.Select(static netns => netns.Identity));
        if (order.Count == 0)
            return new NamespaceSnapshots([], 0, includesOwn);

        var machine = new Machine(
            sampling.Get<ConntrackTable>().Then(static table => table.Maximum),
            proc.ReadInteger(ConntrackTable.CountFile).Outcome != Outcome.None,
            sampling.Deadline
        );
        var own = SocketsInUse.Read(proc);
        var unused = 0;
        ImmutableArray<NamespaceSnapshot> used;
        if (_home.Remember() is { } lost)
            return lost;
        try
        {
            var seen = order
                .Select(netns =>
                    (Namespace: netns, Sockets: netns.Pid is { } pid ? SocketsInUse.Read(proc.AsSeenBy(pid)) : null)
                )
                .ToList();
            machine = machine with
            {
                HasBoundOnly =
                    order.Exists(static netns => !netns.IsVisible)
                    || !AreAllHashed([own, .. seen.Select(static one => one.Sockets).OfType<SocketsInUse>()]),
            };
            used =
            [
                .. seen.Select(one => Read(one.Namespace, one.Sockets, machine, ref unused))
                    .OfType<NamespaceSnapshot>(),
            ];
        }
        finally
        {
            _home.Return();
        }

        _owed.Remember(
            used.Where(static seen => seen.Failure?.Reason == Absence.TimedOut)
                .Select(static seen => seen.Namespace.Identity)
        );
        return new NamespaceSnapshots(used, unused, includesOwn);
    }

    protected override Missing? Shortfall(NamespaceSnapshots value) =>
        _unknown
        ?? value.Used.Select(static seen => seen.Failure).FirstOrDefault(static failure => failure is not null);

    /// <summary>One namespace; null when it is gone, or nothing uses it.</summary>
    NamespaceSnapshot? Read(NetworkNamespace netns, SocketsInUse? first, Machine machine, ref int unused)
    {
        if (machine.Deadline.HasPassed)
        {
            return new(
                netns,
                Readings.None,
                new(Absence.TimedOut, $"{netns.Name}: deadline passed before it was reached")
            );
        }

        // A process may have ended since the walk, or gone elsewhere, while others are still there.
        foreach (var pid in netns.Pids)
        {
            var sockets = pid == netns.Pid && first is { } known ? known : SocketsInUse.Read(proc.AsSeenBy(pid));
            if (!netns.Holds(pid, proc))
                continue;
            if (TrackedIn(netns, machine) is { } count && IsUnused(sockets, count))
            {
                unused++;
                return null;
            }

            var missing = NamespaceThread.Enter(proc.PathOf($"{pid}/ns/net"), Sched.CLONE_NEWNET, netns.Identity);
            if (missing is { Outcome: Outcome.Gone })
                continue;
            return missing is null || EnterMount(netns) is null
                ? ReadInside(netns, sockets, machine, ref unused)
                : ReadOutside(netns, pid, sockets, machine, missing, ref unused);
        }

        return EnterMount(netns) switch
        {
            null => ReadInside(netns, SocketsInUse.Read(proc), machine, ref unused),
            { Outcome: Outcome.Gone } => null,
            var missing => new(netns, Readings.None, missing),
        };
    }

    static Missing? EnterMount(NetworkNamespace netns) =>
        netns.Mount is { } mount
            ? NamespaceThread.Enter(mount, Sched.CLONE_NEWNET, netns.Identity)
            : new(Absence.Gone, $"{netns.Name}: no process is left in it");

    /// <summary>On a thread that has entered it.</summary>
    NamespaceSnapshot? ReadInside(NetworkNamespace netns, SocketsInUse sockets, Machine machine, ref int unused)
    {
        var tracked = TrackedIn(netns, machine) is { } count ? count : _tracked.Open(netns.Identity);
        if (IsUnused(sockets, tracked.Outcome == Outcome.None ? 0 : tracked))
        {
            unused++;
            return null;
        }

        // Known already: which sockets there are, and that the machine's limits are not here.
        ImmutableArray<object> known = [sockets with { MayBeBoundOnly = machine.HasBoundOnly }];
        if (netns.Name != NetworkNamespaces.Host)
            known = known.Add(new ChildNamespace());
        return new(netns, Read(_inside, machine, known), null);
    }

    /// <summary>Where it cannot be entered.</summary>
    NamespaceSnapshot? ReadOutside(
        NetworkNamespace netns,
        int pid,
        SocketsInUse sockets,
        Machine machine,
        Missing missing,
        ref int unused
    )
    {
        if (IsUnused(sockets, machine.TracksConnections ? ConntrackTable.CountFromOutside(proc.AsSeenBy(pid)) : 0))
        {
            unused++;
            return null;
        }

        return new(netns, Read(new(outside(proc, pid)), machine, []), missing);
    }

    /// <summary>
    /// Whether every TCP socket of the machine is connected or listens, so that none is only bound: as many are in use
    /// in the namespaces that are seen as the machine has allocated, before and after they were counted.
    /// </summary>
    internal static bool AreAllHashed(IReadOnlyList<SocketsInUse> seen)
    {
        var inUse = seen.Sum(static sockets => sockets.TcpInUse);
        return IsAll(seen[0]) && IsAll(seen[^1]);

        bool IsAll(SocketsInUse sockets) => sockets.Counts.TryGet(out var counts) && counts.TcpAllocated == inUse;
    }

    /// <summary>
    /// Whether nothing in a namespace is worth a look; one that was asked for by name is always looked at.
    /// </summary>
    bool IsUnused(SocketsInUse sockets, Reading<long> tracked) =>
        selection.Only is null && sockets.IsNone && tracked.TryGet(out var count) && count == 0;

    /// <summary>How many connections a namespace tracks, if that is known without entering it.</summary>
    long? TrackedIn(NetworkNamespace netns, Machine machine) =>
        machine.TracksConnections ? _tracked.ReadAgain(netns.Identity) : 0;

    static Readings Read(ReaderOrder readers, Machine machine, ImmutableArray<object> known)
    {
        var pass = new SamplingPass(readers, null, machine.Deadline, known);
        pass.RunHere();
        return new(pass.Runs());
    }

    /// <summary>The facts that are the same for all of them.</summary>
    /// <param name="ConntrackMaximum">nf_conntrack_max, which the machine has once.</param>
    /// <param name="TracksConnections">Whether nf_conntrack is loaded: without it no namespace has entries.</param>
    /// <param name="Deadline">When all should be done.</param>
    sealed record Machine(Reading<long?> ConntrackMaximum, bool TracksConnections, Deadline Deadline)
    {
        /// <summary>Whether a TCP socket may be bound, and neither connected nor listening.</summary>
        public bool HasBoundOnly { get; init; } = true;
    }
}
