using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>
/// Reads limits of processes by prlimit(), and by the table in a procfs where that is refused or would ask for another
/// process.
/// </summary>
/// <param name="proc">The procfs.</param>
sealed class LimitSources(ProcMount proc)
{
    bool? _hasOwnIds;

    /// <summary>True where the procfs has the process ids of this process's system calls.</summary>
    bool HasOwnIds => _hasOwnIds ??= PidNamespace.IsOwn(proc);

    /// <summary>Reads the limits of a process of the procfs.</summary>
    public Reading<ProcessLimits> Read(int pid) =>
        HasOwnIds && ProcessLimits.Read(pid) is { Missing: null } asked
            ? asked
            : proc.Read($"{pid}/limits", ProcessLimits.Parse);
}
