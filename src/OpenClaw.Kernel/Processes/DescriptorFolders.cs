using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>
/// Asks for the sizes of the folders /proc/PID/fd. This is asked of every process, so the path is made on the stack.
/// </summary>
/// <param name="proc">The procfs.</param>
sealed class DescriptorFolders(ProcMount proc)
{
    /// <summary>The highest number of digits of a process id.</summary>
    const int PidLength = 10;

    readonly byte[] _prefix = Encoding.UTF8.GetBytes(proc.PathOf(""));

    static ReadOnlySpan<byte> Suffix => "/fd\0"u8;

    /// <summary>
    /// Returns the size of the folder of a process. Since Linux 6.2 it is the number of its descriptors (commit
    /// f1f1f2569901).
    /// </summary>
    public Reading<long> SizeFor(int pid)
    {
        Span<byte> path = stackalloc byte[_prefix.Length + PidLength + Suffix.Length];
        _prefix.CopyTo(path);
        Utf8Formatter.TryFormat(pid, path[_prefix.Length..], out var digits);
        Suffix.CopyTo(path[(_prefix.Length + digits)..]);
        return Stat.statx(Stat.AT_FDCWD, path, 0, Stat.STATX_SIZE, out var status) == 0
            ? (long)status.stx_size
            : proc.Refusal($"{pid}/fd", Marshal.GetLastPInvokeError());
    }
}
