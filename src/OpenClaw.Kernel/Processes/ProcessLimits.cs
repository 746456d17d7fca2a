using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>The row of RLIMIT_NOFILE in /proc/PID/limits.</summary>
/// <param name="OpenFilesSoft">The soft limit, which open() obeys; null when unlimited.</param>
/// <param name="OpenFilesHard">
/// The hard limit. A process may raise its soft limit up to it; null when unlimited.
/// </param>
public sealed record ProcessLimits(long? OpenFilesSoft, long? OpenFilesHard)
{
    const string Expected = "two limits, numbers or 'unlimited', after 'Max open files'";

    /// <summary>
    /// Reads the limits by prlimit(2), which takes a tenth of the time of the table. It needs CAP_SYS_RESOURCE or the
    /// user of the process, and a process id of this process's own pid namespace.
    /// </summary>
    public static Reading<ProcessLimits> Read(int pid) =>
        SysResource.prlimit(pid, SysResource.RLIMIT_NOFILE, 0, out var limits) == 0
            ? new ProcessLimits(Limited(limits.rlim_cur), Limited(limits.rlim_max))
            : Missing.FromErrno(Marshal.GetLastPInvokeError(), $"process {pid}: prlimit", KernelCall.ProcessFile);

    static long? Limited(ulong limit) => limit == SysResource.RLIM_INFINITY ? null : (long)limit;

    /// <summary>Parses the table. It finds the row by its name, never by its position.</summary>
    public static Reading<ProcessLimits> Parse(ReadOnlySpan<byte> text)
    {
        var key = "Max open files "u8;
        var line = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            line++;
            var row = text[range];
            if (!row.StartsWith(key))
                continue;
            var rest = row[key.Length..];
            return TryTakeLimit(ref rest, out var soft) && TryTakeLimit(ref rest, out var hard)
                ? new ProcessLimits(soft, hard)
                : KernelText.Malformed(line, Expected, row);
        }

        return KernelText.Malformed(line, "a row 'Max open files'", text);
    }

    static bool TryTakeLimit(ref ReadOnlySpan<byte> text, out long? limit)
    {
        limit = null;
        var rest = text.TrimStart((byte)' ');
        var end = rest.IndexOf((byte)' ');
        if (end <= 0)
            return false;
        text = rest[end..];
        if (rest[..end].SequenceEqual("unlimited"u8))
            return true;
        var number = rest[..end];
        if (!KernelText.TryTakeLimit(ref number, out var value) || !number.IsEmpty || value < 0)
            return false;
        limit = value;
        return true;
    }
}
