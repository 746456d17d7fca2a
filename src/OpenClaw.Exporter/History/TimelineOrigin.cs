using OpenClaw.Kernel;
using OpenClaw.Kernel.Hosts;

namespace OpenClaw.Exporter.History;

/// <summary>
/// The place that a timeline is about. Only a process at the same place can compare its own readings with it.
/// </summary>
/// <param name="BootId">The id of this start of the kernel.</param>
/// <param name="NetnsInode">The inode of the process' own network namespace.</param>
/// <param name="Netns">The name of that namespace. It depends on the selected namespaces.</param>
sealed record TimelineOrigin(string BootId, ulong NetnsInode, string Netns)
{
    /// <summary>Returns the origin of a snapshot; null where the kernel or the namespace cannot be told apart from
    /// others.</summary>
    public static TimelineOrigin? From(Snapshot snapshot) =>
        snapshot.Get<HostIdentity>().TryGet(out var host) && host.BootId.Length > 0 && host.NetnsInode is { } inode
            ? new(host.BootId, inode, snapshot.Own.Name)
            : null;
}
