using System.Collections.Immutable;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Procfs;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// Goes through the other network namespaces, one after the other, on one thread. A dump of sockets walks those of the whole
/// machine, so a namespace that nothing uses is left after the cheap files that say so.
/// </summary>
/// <param name="proc">The mount that shows the processes of the namespaces.</param>
/// <param name="selected">The name, inode or start of the container id of the only one to look at; null for all.</param>
/// <param name="inside">What is read in a namespace that is used.</param>
/// <param name="clock">The time of the snapshots.</param>
sealed class NamespaceSnapshotsReader(ProcMount proc, string? selected, ImmutableArray<Reader> inside, TimeProvider clock)
    : Reader<NamespaceSnapshots>("namespace_snapshots", "setns(), and the other readers inside")
{
    /// <summary>How many names a message lists.</summary>
    const int NamesAtMost = 20;

    /// <summary>Whether a namespace is used at all, and what is known of one that is not.</summary>
    readonly ImmutableArray<Reader> _glance =
    [
        new FunctionReader<Sockstat>("sockstat", Sockstat.File, _ => proc.Read(Sockstat.File, Sockstat.Parse)),
        new FunctionReader<Sockstat6>("sockstat6", Sockstat6.File, _ => proc.Read(Sockstat6.File, Sockstat6.Parse)),
        new FunctionReader<ConntrackTable>("conntrack", ConntrackTable.CountFile, _ => ConntrackTable.Read(proc)),
        new FunctionReader<TcpSockets>("tcp_sockets", Sockstat.File, static _ => TcpSockets.None),
        new FunctionReader<UdpSockets>("udp_sockets", Sockstat.File, static _ => UdpSockets.None),
    ];

    Missing? _unknown;

    /// <summary>Those that were not reached the last time come first the next time.</summary>
    HashSet<FileIdentity> _owed = [];

    protected override Reading<NamespaceSnapshots> Read(Sampling sampling) => sampling.Get<NetworkNamespaces>().Then<NamespaceSnapshots>(found =>
    {
        var wanted = found.All.Where(Matches).ToList();
        _unknown = wanted.Count > 0 ? null : new(Absence.NotPresent,
            $"no network namespace is called '{selected}'; there are {string.Join(", ", found.All.Take(NamesAtMost).Select(static netns => netns.Name))}");
        var order = wanted.Where(static netns => !netns.IsOwn).OrderByDescending(netns => _owed.Contains(netns.Identity)).ToList();
        var includesOwn = order.Count < wanted.Count;
        if (order.Count == 0)
            return new NamespaceSnapshots([], includesOwn);
        var snapshots = NamespaceThread.Run(() => order.Select(netns => Read(netns, sampling.Deadline)).OfType<NamespaceSnapshot>().ToImmutableArray());
        _owed = [.. snapshots.Where(static seen => seen.Missing?.Reason == Absence.TimedOut).Select(static seen => seen.Namespace.Identity)];
        return new NamespaceSnapshots(snapshots, includesOwn);
    });

    protected override Missing? Shortfall(NamespaceSnapshots value) =>
        _unknown ?? value.All.Select(static seen => seen.Missing).FirstOrDefault(static missing => missing is not null);

    bool Matches(NetworkNamespace netns) => selected is null
        || netns.Name == selected
        || netns.Inode?.ToString(System.Globalization.CultureInfo.InvariantCulture) == selected
        || (netns.Mount is { } mount && Path.GetFileName(mount) == selected)
        || (selected.Length >= 8 && netns.Owner.Container.StartsWith(selected, StringComparison.Ordinal));

    /// <summary>One namespace; null when it is gone.</summary>
    NamespaceSnapshot? Read(NetworkNamespace netns, Deadline deadline)
    {
        if (deadline.HasPassed)
            return new(netns, Snapshot([], deadline), new(Absence.TimedOut, $"{netns.Name}: deadline passed before it was reached"));
        var path = netns.Pid is { } pid ? proc.PathOf($"{pid}/ns/net") : netns.Mount!;
        var missing = NamespaceThread.Enter(path, Sched.CLONE_NEWNET);
        if (missing?.Reason == Absence.NotPresent && netns is { Pid: not null, Mount: { } mount })
            missing = NamespaceThread.Enter(mount, Sched.CLONE_NEWNET);
        return missing switch
        {
            null => new(netns, Inside(deadline), null),
            { Reason: Absence.NotPresent } => null,
            _ => new(netns, Snapshot(netns.Pid is { } outside ? KernelReaders.FromOutside(proc, outside) : [], deadline), missing),
        };
    }

    Snapshot Inside(Deadline deadline)
    {
        var glance = Snapshot(_glance, deadline);
        return IsUnused(glance) ? glance : Snapshot(inside, deadline);
    }

    /// <summary>Sockets that are bound and do nothing else are in none of these counts.</summary>
    static bool IsUnused(Snapshot glance) =>
        glance.Get<Sockstat>() is var four && four.TryGet(out var ipv4) && ipv4 is { InUse: 0, TimeWait: 0 }
        && (glance.Get<Sockstat6>() is var six && (six.TryGet(out var ipv6) ? ipv6.InUse == 0 : six.Missing!.Reason == Absence.NotPresent))
        && (!glance.Get<ConntrackTable>().TryGet(out var table) || table.Count == 0);

    Snapshot Snapshot(ImmutableArray<Reader> list, Deadline deadline)
    {
        var time = clock.GetUtcNow();
        var sampling = new Sampling(list, deadline);
        return new(time, [.. list.Select(sampling.Run)]);
    }
}
