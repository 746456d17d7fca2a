using System.Buffers.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>Parses the times at which processes and the machine started.</summary>
static class ProcessStart
{
    /// <summary>The ticks of /proc/PID/stat in a second: USER_HZ, the same on every architecture of today.</summary>
    const int TicksPerSecond = 100;

    /// <summary>
    /// Field 22 of the file, counted from the field after the name. The name may contain spaces and parentheses.
    /// </summary>
    const int StartField = 22 - 3;

    /// <summary>
    /// Parses the start time in /proc/PID/stat: the time between the machine's start and the process's.
    /// </summary>
    public static Reading<TimeSpan> Parse(ReadOnlySpan<byte> text)
    {
        var rest = text[(text.LastIndexOf((byte)')') + 1)..];
        for (var field = 0; ; field++)
        {
            rest = rest.TrimStart((byte)' ');
            var end = rest.IndexOfAny((byte)' ', (byte)'\n');
            var value = end < 0 ? rest : rest[..end];
            if (value.IsEmpty)
                return KernelText.Malformed(1, "a start time as field 22", text);
            if (field == StartField)
            {
                return
                    Utf8Parser.TryParse(value, out long ticks, out var digits) && digits == value.Length && ticks >= 0
                    ? TimeSpan.FromSeconds((double)ticks / TicksPerSecond)
                    : KernelText.Malformed(1, "a start time as field 22", text);
            }

            rest = rest[value.Length..];
        }
    }

    /// <summary>Parses /proc/uptime: the seconds since the machine started, suspended ones included.</summary>
    public static Reading<TimeSpan> ParseUptime(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out double seconds, out var digits) && digits > 0 && seconds is >= 0 and < 1e10
            ? TimeSpan.FromSeconds(seconds)
            : KernelText.Malformed(1, "the seconds since the machine started", text);
}
