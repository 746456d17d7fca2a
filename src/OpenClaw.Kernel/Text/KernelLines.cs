using System.Buffers;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Text;

/// <summary>
/// Takes one line of a file, without its end. Returns true to go on and false to stop. Missing where the line has
/// another form than documented.
/// </summary>
/// <param name="number">The number of the line, from 1.</param>
/// <param name="line">The line; valid during the call.</param>
delegate Reading<bool> KernelLineTaker(int number, ReadOnlySpan<byte> line);

/// <summary>Reads kernel files that may be too long to be held in memory.</summary>
static class KernelLines
{
    /// <summary>The length of the buffer. The kernel fills at most a page of it at a time.</summary>
    const int BufferLength = 16 * 1024;

    /// <summary>
    /// Passes the lines of a file to <paramref name="take"/>, one after another. Returns null when all were read or
    /// <paramref name="take"/> stopped. Returns the reason otherwise; errors name the file.
    /// </summary>
    public static Missing? Read(ProcMount proc, string relative, Deadline deadline, KernelLineTaker take)
    {
        var path = proc.PathOf(relative);
        using var file = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        if (file.IsInvalid)
            return proc.Refusal(relative, Marshal.GetLastPInvokeError());

        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            var number = 0;
            var kept = 0;
            while (true)
            {
                if (deadline.HasPassed)
                    return new(Absence.TimedOut, $"{path}: deadline passed while reading");
                var count = (int)Unistd.read(file, buffer.AsSpan(kept), buffer.Length - kept);
                if (count < 0)
                {
                    if (Marshal.GetLastPInvokeError() is var error and not Errno.EINTR)
                        return proc.Refusal(relative, error);
                    continue;
                }

                var rest = buffer.AsSpan(0, kept + count);
                while (!rest.IsEmpty)
                {
                    // Only the last line of a file may lack its end.
                    var end = rest.IndexOf((byte)'\n');
                    if (end < 0 && count > 0 && rest.Length < buffer.Length)
                        break;
                    var line = end < 0 ? rest : rest[..end];
                    var taken = take(++number, line);
                    if (taken.Missing is { } missing)
                        return missing with { Detail = $"{path}: {missing.Detail}" };
                    if (!taken.Value)
                        return null;
                    rest = rest[(end < 0 ? rest.Length : end + 1)..];
                }

                if (count == 0)
                    return null;
                rest.CopyTo(buffer);
                kept = rest.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
