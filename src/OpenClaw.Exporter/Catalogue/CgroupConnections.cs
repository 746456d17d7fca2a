using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The established TCP connections of cgroups, in the network namespaces of their processes.</summary>
/// <param name="view">The exporter's own namespace, with the machine.</param>
/// <param name="cgroups">The watched processes.</param>
/// <param name="own">The sockets of the exporter's own namespace.</param>
sealed class CgroupConnections(NamespaceView view, WatchedCgroups cgroups, TcpSockets own)
{
    /// <summary>
    /// Returns the connections of some cgroups. Missing where a cgroup's connections are not listed one by one, or
    /// where the namespace of a process was not read.
    /// </summary>
    /// <param name="processes">All processes of the cgroups.</param>
    /// <param name="ids">The ids of the cgroups.</param>
    public Reading<long> Sum(ImmutableArray<ProcessDescriptors> processes, ImmutableArray<ulong> ids)
    {
        var sum = 0L;
        var seen = new HashSet<TcpSockets>(ReferenceEqualityComparer.Instance);
        foreach (var process in processes)
        {
            var reading = SocketsOf(process);
            if (!reading.TryGet(out var sockets))
                return reading.Missing!;
            if (!seen.Add(sockets))
                continue;
            var established = sockets.Cgroups.ToDictionary(static one => one.Id, static one => one.Established);
            if (sockets.OtherCgroups.Total > 0 && !ids.All(established.ContainsKey))
                return new Missing(Absence.Failed, $"{Words(process)}: its cgroup is not among the first in inet_diag");
            sum += ids.Sum(id => established.GetValueOrDefault(id));
        }

        return sum;
    }

    /// <summary>
    /// Returns the name of a process's network namespace; empty for the exporter's own, and where it is unknown.
    /// </summary>
    public string NameOf(ProcessDescriptors process) => SnapshotOf(process)?.Namespace.Name ?? "";

    Reading<TcpSockets> SocketsOf(ProcessDescriptors process)
    {
        if (!cgroups.Elsewhere.Contains(process.Pid))
            return own;
        var all = view.Get<NetworkNamespaces>();
        if (!all.TryGet(out var namespaces))
            return all.Missing!;
        if (namespaces.Find(process) is not { } netns)
            return new Missing(Absence.NotPermitted, $"{Words(process)}: its network namespace is unknown");
        var others = view.Get<NamespaceSnapshots>();
        if (!others.TryGet(out var snapshots))
            return others.Missing!;
        if (snapshots.WhyNotEntered(netns) is { } why)
            return why with { Detail = $"{Words(process)} in {netns.Name}: {why.Detail}" };
        if (SnapshotOf(process) is not { } snapshot)
            return new Missing(Absence.NotAsked, $"{Words(process)}: its network namespace {netns.Name} was not read");
        var sockets = snapshot.Readings.Get<TcpSockets>();
        return sockets.TryGet(out var found) && !found.ShowsCgroups
            ? new Missing(Absence.Failed, $"{Words(process)}: the source of its sockets does not show cgroups")
            : sockets;
    }

    static string Words(ProcessDescriptors process) =>
        string.Create(CultureInfo.InvariantCulture, $"{VisibleText.Escape(process.Name)} (pid {process.Pid})");

    NamespaceSnapshot? SnapshotOf(ProcessDescriptors process) =>
        cgroups.Elsewhere.Contains(process.Pid)
        && view.Get<NetworkNamespaces>().TryGet(out var namespaces)
        && namespaces.Find(process) is { } netns
        && view.Get<NamespaceSnapshots>().TryGet(out var snapshots)
            ? snapshots.Used.FirstOrDefault(snapshot => snapshot.Namespace.Name == netns.Name)
            : null;
}
