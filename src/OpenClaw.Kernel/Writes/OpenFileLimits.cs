using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Writes;

/// <summary>RLIMIT_NOFILE of a process. The kernel allows no unlimited number (do_prlimit in kernel/sys.c).</summary>
/// <param name="Soft">The soft limit.</param>
/// <param name="Hard">The hard limit.</param>
public readonly record struct OpenFileLimits(long Soft, long Hard)
{
    /// <summary>RLIM_INFINITY as a signed number, in which it is written back.</summary>
    const long Unlimited = -1;

    /// <summary>Reads the limits of a process by prlimit(2).</summary>
    public static Reading<OpenFileLimits> Read(int pid) =>
        ProcessLimits
            .Read(pid)
            .Select(static limits => new OpenFileLimits(
                limits.OpenFilesSoft ?? Unlimited,
                limits.OpenFilesHard ?? Unlimited
            ));

    /// <summary>
    /// Reads the time from the machine's start to the process's. It tells the process from a later one with its id.
    /// </summary>
    public static Reading<TimeSpan> ReadStart(ProcMount proc, int pid) => proc.Read($"{pid}/stat", ProcessStart.Parse);
}
