using System.Buffers.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>The fields of /proc/PID/stat.</summary>
static class ProcessStat
{
    /// <summary>The number of the first field after the name.</summary>
    const int FirstAfterName = 3;

    const int FlagsField = 9;

    /// <summary>PF_KTHREAD of include/linux/sched.h.</summary>
    const long KernelThread = 0x0020_0000;

    /// <summary>
    /// Returns a field by its number in proc(5), 3 or higher; empty where the text has fewer. The name before may
    /// contain spaces and parentheses.
    /// </summary>
    public static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> text, int number)
    {
        var rest = text[(text.LastIndexOf((byte)')') + 1)..];
        for (var field = FirstAfterName; ; field++)
        {
            rest = rest.TrimStart((byte)' ');
            var end = rest.IndexOfAny((byte)' ', (byte)'\n');
            var value = end < 0 ? rest : rest[..end];
            if (field == number || value.IsEmpty)
                return value;
            rest = rest[value.Length..];
        }
    }

    /// <summary>Returns true for a thread of the kernel, which has no program and opens no files.</summary>
    public static bool IsKernelThread(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(Field(text, FlagsField), out long flags, out _) && (flags & KernelThread) != 0;
}
