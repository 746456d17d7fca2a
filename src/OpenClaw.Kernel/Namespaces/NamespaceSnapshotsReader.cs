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
/// <param name="selection">Which of them to look at.</param>
/// <param name="inside">What is read in a namespace that is used.</param>
/// <param name="clock">The time of the snapshots.</param>
sealed class NamespaceSnapshotsReader(ProcMount proc, NamespaceSelection selection, ImmutableArray<Reader> inside, TimeProvider clock)
    : Reader<NamespaceSnapshots>("namespace_snapshots", "setns(), and the other readers inside")
{
    /// <summary>How many names a message lists.</summary>
    const int NamesAtMost = 20;

    static readonly Reader NoTcp = new FunctionReader<TcpSockets>("tcp_sockets", Sockstat.File, static _ => TcpSockets.None);
    static readonly Reader NoUdp = new FunctionReader<UdpSockets>("udp_sockets", Sockstat.File, static _ => UdpSockets.None);

    Missing? _unknown;

    /// <summary>Those that were not reached the last time come first the next time.</summary>
    HashSet<FileIdentity> _owed = [];

    protected override Reading<NamespaceSnapshots> Read(Sampling sampling) => sampling.Get<NetworkNamespaces>().Then<NamespaceSnapshots>(found =>
    {
        var wanted = found.All.Where(selection.Includes).ToList();
        _unknown = wanted.Count > 0 ? null : new(Absence.NotPresent,
            $"no network namespace is called '{selection.Only}'; there are {string.Join(", ", found.All.Take(NamesAtMost).Select(static netns => netns.Name))}");
        var order = wanted.Where(static netns => !netns.IsOwn).OrderByDescending(netns => _owed.Contains(netns.Identity)).ToList();
        var includesOwn = order.Count < wanted.Count;
        if (order.Count == 0)
            return new NamespaceSnapshots([], 0, includesOwn);
        var unused = 0;
        var used = NamespaceThread.Run(() => order.Select(netns => Read(netns, sampling.Deadline, ref unused)).OfType<NamespaceSnapshot>().ToImmutableArray());
        _owed = [.. used.Where(static seen => seen.Missing?.Reason == Absence.TimedOut).Select(static seen => seen.Namespace.Identity)];
        return new NamespaceSnapshots(used, unused, includesOwn);
    });

    protected override Missing? Shortfall(NamespaceSnapshots value) =>
        _unknown ?? value.Used.Select(static seen => seen.Missing).FirstOrDefault(static missing => missing is not null);

    /// <summary>One namespace; null when it is gone, or nothing uses it.</summary>
    NamespaceSnapshot? Read(NetworkNamespace netns, Deadline deadline, ref int unused)
    {
        if (deadline.HasPassed)
            return new(netns, Snapshot([], deadline), new(Absence.TimedOut, $"{netns.Name}: deadline passed before it was reached"));
        var missing = Enter(netns);
        if (missing is { Reason: Absence.NotPresent })
            return null;
        if (missing is not null)
            return new(netns, Snapshot(netns.Pid is { } pid ? KernelReaders.FromOutside(proc, pid) : [], deadline), missing);

        var (tcp, udp) = InUse();
        if (selection.Only is null && !tcp && !udp && proc.ReadInteger(ConntrackTable.CountFile).TryGet(out var tracked) && tracked == 0)
        {
            unused++;
            return null;
        }

        return new(netns, Snapshot([.. inside.Select(reader => reader switch
        {
            TcpSocketsReader when !tcp => NoTcp,
            UdpSocketsReader when !udp => NoUdp,
            _ => reader,
        })], deadline), null);
    }

    Missing? Enter(NetworkNamespace netns)
    {
        var missing = netns.Pid is { } pid ? NamespaceThread.Enter(proc.PathOf($"{pid}/ns/net"), Sched.CLONE_NEWNET) : null;
        return netns.Mount is { } mount && (netns.Pid is null || missing is not null) ? NamespaceThread.Enter(mount, Sched.CLONE_NEWNET) : missing;
    }

    /// <summary>Which protocols have sockets in the namespace of the thread; what cannot be read counts as yes.</summary>
    (bool Tcp, bool Udp) InUse()
    {
        if (!proc.Read(Sockstat.File, Sockstat.Parse).TryGet(out var ipv4))
            return (true, true);

        // Most namespaces hold no socket at all, of which this file knows although it counts only those of IPv4 by protocol.
        var ipv6 = new Sockstat6(0, 0);
        if (ipv4.Sockets > 0 && proc.Read(Sockstat6.File, Sockstat6.Parse) is var six && !six.TryGet(out ipv6))
            ipv6 = six.Missing!.Reason == Absence.NotPresent ? new(0, 0) : new(1, 1);
        return (ipv4.TcpInUse + ipv4.TimeWait + ipv6.TcpInUse > 0, ipv4.UdpInUse + ipv6.UdpInUse > 0);
    }

    Snapshot Snapshot(ImmutableArray<Reader> list, Deadline deadline)
    {
        var time = clock.GetUtcNow();
        var sampling = new Sampling(list, deadline);
        return new(time, [.. list.Select(sampling.Run)]);
    }
}
