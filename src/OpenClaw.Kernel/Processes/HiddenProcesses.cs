using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>Tells whether a procfs lists all processes.</summary>
static class HiddenProcesses
{
    /// <summary>
    /// Returns the reason why some processes are not even listed; null where all are. A container in the machine's
    /// network namespace shows only its own ones. In a network namespace of its own, others are not asked for.
    /// </summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="isOfContainer">True where it shows only a container's processes.</param>
    public static Missing? Find(ProcMount proc, bool isOfContainer) =>
        proc.IsHostNetwork && isOfContainer
            ? new(
                Absence.NotPermitted,
                $"{proc.Root}: processes outside this container are hidden (--pid=host or hostPID: true shows them)"
            )
            : FindMount(proc);

    /// <summary>A mount with hidepid=2 hides processes of other users, and with them the first process.</summary>
    static Missing? FindMount(ProcMount proc) =>
        !proc.Exists("1")
        && proc.ReadText("self/mounts").TryGet(out var mounts)
        && mounts
            .Split('\n')
            .Select(static line => line.Split(' '))
            .Any(fields =>
                fields is [_, var point, "proc", var options, ..]
                && point == proc.Root
                && options.Contains("hidepid=", StringComparison.Ordinal)
            )
            ? new(Absence.NotPermitted, $"{proc.Root}: processes of other users are hidden (hidepid)")
            : null;
}
