using System.Globalization;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>Compares the pid namespace of a procfs with the kernel's first one.</summary>
public static class PidNamespace
{
    /// <summary>PROC_PID_INIT_INO in include/linux/proc_ns.h.</summary>
    const string First = "pid:[4026531836]";

    /// <summary>
    /// Returns true where a procfs shows the first pid namespace. Its ids of processes are those that programs in the
    /// kernel see.
    /// </summary>
    public static bool IsFirst(ProcMount proc) => IsFirst(proc, "1/ns/pid") || IsFirst(proc, "self/ns/pid");

    /// <summary>
    /// Returns true where a procfs shows only the processes of a child pid namespace, that of this process. A procfs of
    /// the machine that is mounted into a container has another id for this process.
    /// </summary>
    public static bool IsOwnChild(ProcMount proc) =>
        proc.ReadLink("self").TryGet(out var pid)
        && pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
        && proc.ReadLink("self/ns/pid").TryGet(out var target)
        && target != First;

    /// <summary>
    /// Returns true where a procfs has the same ids of processes as system calls of this process. Its status has an id
    /// for each namespace from that of the procfs to its own.
    /// </summary>
    public static bool IsOwn(ProcMount proc) =>
        proc.ReadText("self/status").TryGet(out var status)
        && status
            .Split('\n')
            .Any(static line =>
                line.StartsWith("NSpid:", StringComparison.Ordinal)
                && line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length == 2
            );

    static bool IsFirst(ProcMount proc, string link) => proc.ReadLink(link).TryGet(out var target) && target == First;
}
