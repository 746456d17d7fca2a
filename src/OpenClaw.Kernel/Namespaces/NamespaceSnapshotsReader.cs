using System.Collections.Immutable;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// Reads the other network namespaces one after the other, on a thread of its own. A dump of sockets walks the sockets
/// of the whole machine. So the reader first reads the cheap files that count sockets, and does not enter a namespace
/// without any that can hold a port.
/// </summary>
/// <param name="proc">The procfs that shows the processes of the namespaces.</param>
/// <param name="selection">The namespaces to read.</param>
/// <param name="inside">The readers that run in a namespace that is in use.</param>
/// <param name="outside">The readers that read the namespace of a process without entering it.</param>
sealed class NamespaceSnapshotsReader(
    ProcMount proc,
    NamespaceSelection selection,
    ImmutableArray<Reader> inside,
    Func<ProcMount, int, ImmutableArray<Reader>> outside
) : Reader<NamespaceSnapshots>("namespace_snapshots", "setns(), and the other readers inside"), IDisposable
{
    /// <summary>The limit on names in a message.</summary>
    const int NamesAtMost = 20;

    readonly ReaderOrder _inside = new(inside);
    readonly HomeNamespace _home = new(proc);
    readonly ConntrackCounts _tracked = new(proc);
    readonly OwedNamespaces _owed = new();
    readonly List<NamespaceSnapshot> _leftOut = [];

    Missing? _unknown;

    public override ImmutableArray<Type> Needs { get; init; } =
    [typeof(NetworkNamespaces), typeof(ConntrackTable), typeof(ProcessTable), typeof(SocketLimits)];

    public override ImmutableArray<Type> Uses => [typeof(ConnectionLimits)];

    public override bool HasOwnThread => true;

    public void Dispose() => _home.Dispose();

    protected override Reading<NamespaceSnapshots> Read(SamplingPass sampling) =>
        sampling.Get<NetworkNamespaces>() is var found && selection.WherePermitted && found.Outcome == Outcome.NotAsked
            ? new NamespaceSnapshots([], 0, IncludesOwn: true)
            : found.Then(all => Read(all, sampling));

    Reading<NamespaceSnapshots> Read(NetworkNamespaces found, SamplingPass sampling)
    {
        var wanted = found.All.Where(selection.Includes).ToList();
        _unknown =
            wanted.Count > 0
                ? null
                : new(
                    Absence.NotPresent,
                    $"no network namespace '{selection.Only}'; available: "
                        + $"{string.Join(", ", found.All.Take(NamesAtMost).Select(static netns => netns.Name))}"
                );
        var order = _owed.First(wanted.Where(static netns => !netns.IsOwn));
        var includesOwn = order.Count < wanted.Count;
        _leftOut.Clear();
        _tracked.Keep(order.Select(static netns => netns.Identity));
        if (order.Count == 0)
            return new NamespaceSnapshots([], 0, includesOwn) { IsByName = selection.Only is not null };

        var machine = new MachineFacts(
            sampling.Get<ConntrackTable>().Then(static table => table.Maximum),
            proc.ReadInteger(ConntrackTable.CountFile).Outcome != Outcome.None,
            sampling.Get<ProcessTable>(),
            new(sampling.Get<SocketLimits>()),
            sampling.Get<ConnectionLimits>(),
            sampling.Deadline,
            new(sampling.Began)
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
        return new NamespaceSnapshots(used, unused, includesOwn)
        {
            IsByName = selection.Only is not null,
            LeftOut = [.. _leftOut],
        };
    }

    protected override Missing? Shortfall(NamespaceSnapshots value) =>
        _unknown
        ?? value.Used.Select(static seen => seen.Failure).FirstOrDefault(static failure => failure is not null);

    /// <summary>Reads a namespace. Returns null when it is gone or not in use.</summary>
    NamespaceSnapshot? Read(NetworkNamespace netns, SocketsInUse? first, MachineFacts machine, ref int unused)
    {
        if (machine.Deadline.HasPassed)
            return new(netns, Readings.None, new(Absence.TimedOut, $"{netns.Name}: deadline passed before its turn"));

        // A process may have ended since the walk, or moved, while others are still in the namespace.
        foreach (var pid in netns.Pids)
        {
            var sockets = pid == netns.Pid && first is { } known ? known : SocketsInUse.Read(proc.AsSeenBy(pid));
            if (!netns.Holds(pid, proc))
                continue;
            sockets = machine.FindBoundOnly(sockets, proc.AsSeenBy(pid));
            if (TrackedIn(netns, machine) is { } count && IsUnused(sockets, count, proc.AsSeenBy(pid)))
            {
                unused++;
                return null;
            }

            var missing = Enter(proc.PathOf($"{pid}/ns/net"), netns);
            if (missing is { Outcome: Outcome.Gone })
                continue;
            if (missing is null || EnterMount(netns) is null)
                return ReadInside(netns, sockets, machine, ref unused);
            return IsLeftOut(netns, missing) ? null : ReadOutside(netns, pid, sockets, machine, missing, ref unused);
        }

        return EnterMount(netns) switch
        {
            null => ReadInside(netns, machine.FindBoundOnly(SocketsInUse.Read(proc), proc), machine, ref unused),
            { Outcome: Outcome.Gone } => null,
            var missing => IsLeftOut(netns, missing) ? null : new(netns, Readings.None, missing),
        };
    }

    /// <summary>
    /// Returns true, and notes the namespace, where the selection leaves out what may not be entered.
    /// </summary>
    bool IsLeftOut(NetworkNamespace netns, Missing missing)
    {
        if (!selection.WherePermitted || missing.Reason != Absence.NotPermitted)
            return false;
        _leftOut.Add(new(netns, Readings.None, missing));
        return true;
    }

    Missing? EnterMount(NetworkNamespace netns) =>
        netns.Mount is { } mount ? Enter(mount, netns) : new(Absence.Gone, $"{netns.Name}: no process left");

    Missing? Enter(string path, NetworkNamespace netns) =>
        NamespaceThread.Enter(path, Sched.CLONE_NEWNET, netns.Identity) is { } missing
            ? missing with
            {
                Reader = Name,
            }
            : null;

    /// <summary>Reads the namespace that the calling thread has entered.</summary>
    NamespaceSnapshot? ReadInside(NetworkNamespace netns, SocketsInUse sockets, MachineFacts machine, ref int unused)
    {
        var tracked = TrackedIn(netns, machine) is { } count ? count : _tracked.Open(netns.Identity);
        if (IsUnused(sockets, tracked.Outcome == Outcome.None ? 0 : tracked, proc))
        {
            unused++;
            return null;
        }

        return new(netns, Read(_inside, machine, machine.KnownIn(netns, sockets)), null);
    }

    /// <summary>Reads a namespace that cannot be entered.</summary>
    NamespaceSnapshot? ReadOutside(
        NetworkNamespace netns,
        int pid,
        SocketsInUse sockets,
        MachineFacts machine,
        Missing missing,
        ref int unused
    )
    {
        var at = proc.AsSeenBy(pid);
        if (IsUnused(sockets, machine.TracksConnections ? ConntrackTable.CountFromOutside(at) : 0, at))
        {
            unused++;
            return null;
        }

        return new(netns, Read(new(outside(proc, pid)), machine, []), missing);
    }

    /// <summary>
    /// Returns true where every TCP socket of the machine is connected or listens, so that none is only bound. This
    /// holds when the visible namespaces have as many in use as the machine has allocated, before and after the count.
    /// </summary>
    internal static bool AreAllHashed(IReadOnlyList<SocketsInUse> seen)
    {
        var inUse = seen.Sum(static sockets => sockets.TcpInUse);
        return IsAll(seen[0]) && IsAll(seen[^1]);

        bool IsAll(SocketsInUse sockets) => sockets.Counts.TryGet(out var counts) && counts.TcpAllocated == inUse;
    }

    /// <summary>Returns true where a namespace is not in use. A namespace requested by name always is.</summary>
    bool IsUnused(SocketsInUse sockets, Reading<long> tracked, ProcMount at) =>
        selection.Only is null
        && sockets.IsNone
        && tracked.TryGet(out var count)
        && count == 0
        && !InterfaceCount.MayFillBridge(at);

    /// <summary>
    /// Returns the number of tracked connections of a namespace; null where it has to be entered for that.
    /// </summary>
    long? TrackedIn(NetworkNamespace netns, MachineFacts machine) =>
        machine.TracksConnections ? _tracked.ReadAgain(netns.Identity) : 0;

    static Readings Read(ReaderOrder readers, MachineFacts machine, ImmutableArray<object> known)
    {
        var pass = new SamplingPass(readers, null, machine.Deadline, known);
        pass.RunHere();
        return new(pass.Runs());
    }
}
