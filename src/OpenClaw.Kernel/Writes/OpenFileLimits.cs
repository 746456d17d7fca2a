using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Writes;

/// <summary>RLIMIT_NOFILE of a process. The kernel allows no unlimited number (do_prlimit in kernel/sys.c).</summary>
/// <param name="Soft">The soft limit.</param>
/// <param name="Hard">The hard limit.</param>
public readonly record struct OpenFileLimits(long Soft, long Hard)
{
    /// <summary>Reads the limits of a process by prlimit(2).</summary>
    public static Reading<OpenFileLimits> Read(int pid) =>
        SysResource.prlimit(pid, SysResource.RLIMIT_NOFILE, 0, out var limits) == 0
            ? new OpenFileLimits((long)limits.rlim_cur, (long)limits.rlim_max)
            : Missing.FromErrno(Marshal.GetLastPInvokeError(), $"process {pid}: prlimit", KernelCall.ProcessFile);

    /// <summary>
    /// Reads the time from the machine's start to the process's. It tells the process from a later one with its id.
    /// </summary>
    public static Reading<TimeSpan> ReadStart(ProcMount proc, int pid) => proc.Read($"{pid}/stat", ProcessStart.Parse);
}
