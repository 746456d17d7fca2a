using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// Looks for sockets in network namespaces without a process. A process elsewhere may use a socket that was opened
/// inside.
/// </summary>
static class EmptyNamespaces
{
    /// <summary>
    /// True since Linux 4.17, in which sockstat counts the sockets of a namespace (commit 648845ab7e20). Before, it
    /// counts those of the machine.
    /// </summary>
    static readonly bool CountsOwnSockets = Environment.OSVersion.Version >= new Version(4, 17);

    /// <summary>
    /// Returns for each namespace whether it has no socket. Without those that cannot be entered, or not in time.
    /// </summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="mounts">The paths of the namespaces.</param>
    /// <param name="deadline">The deadline.</param>
    public static Dictionary<FileIdentity, bool> Find(
        ProcMount proc,
        IReadOnlyCollection<KeyValuePair<FileIdentity, string>> mounts,
        Deadline deadline
    )
    {
        var found = new Dictionary<FileIdentity, bool>();
        return mounts.Count == 0
            ? found
            : NamespaceThread.Run(() =>
            {
                foreach (var (identity, mount) in mounts)
                {
                    if (deadline.HasPassed)
                        break;
                    if (
                        NamespaceThread.Enter(mount, Sched.CLONE_NEWNET, identity) is null
                        && Count(proc).TryGet(out var sockets)
                    )
                    {
                        found[identity] = sockets == 0;
                    }
                }

                return found;
            });
    }

    static Reading<long> Count(ProcMount proc) =>
        CountsOwnSockets
            ? proc.Read(Sockstat.File, Sockstat.Parse).Select(static counts => counts.Sockets)
            : ProtocolSockets.Read(proc).Select(static counts => counts.Total);
}
