using System.Collections.Immutable;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The established TCP connections of cgroups, in the network namespaces of their processes.</summary>
/// <param name="view">The exporter's own namespace, with the machine.</param>
/// <param name="cgroups">The watched processes.</param>
/// <param name="own">The sockets of the exporter's own namespace.</param>
sealed class CgroupConnections(NamespaceView view, WatchedCgroups cgroups, TcpSockets own)
{
    /// <summary>
    /// Returns the connections of some cgroups; null where a cgroup's connections are not listed one by one, or where
    /// the namespace of a process was not read.
    /// </summary>
    /// <param name="processes">All processes of the cgroups.</param>
    /// <param name="ids">The ids of the cgroups.</param>
    public long? Sum(ImmutableArray<ProcessDescriptors> processes, ImmutableArray<ulong> ids)
    {
        var sum = 0L;
        foreach (var sockets in processes.Select(SocketsOf).Distinct())
        {
            if (sockets is not { ShowsCgroups: true })
                return null;
            var established = sockets.Cgroups.ToDictionary(static one => one.Id, static one => one.Established);
            if (sockets.OtherCgroups.Total > 0 && !ids.All(established.ContainsKey))
                return null;
            sum += ids.Sum(id => established.GetValueOrDefault(id));
        }

        return sum;
    }

    /// <summary>
    /// Returns the name of a process's network namespace; empty for the exporter's own, and where it is unknown.
    /// </summary>
    public string NameOf(ProcessDescriptors process) => SnapshotOf(process)?.Namespace.Name ?? "";

    TcpSockets? SocketsOf(ProcessDescriptors process)
    {
        if (!cgroups.Elsewhere.Contains(process.Pid))
            return own;
        return SnapshotOf(process)?.Readings.Get<TcpSockets>().TryGet(out var sockets) == true ? sockets : null;
    }

    NamespaceSnapshot? SnapshotOf(ProcessDescriptors process) =>
        cgroups.Elsewhere.Contains(process.Pid)
        && view.Get<NetworkNamespaces>().TryGet(out var namespaces)
        && namespaces.Find(process) is { } netns
        && view.Get<NamespaceSnapshots>().TryGet(out var snapshots)
            ? snapshots.Used.FirstOrDefault(snapshot => snapshot.Namespace.Name == netns.Name)
            : null;
}
