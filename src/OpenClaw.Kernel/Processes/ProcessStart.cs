using System.Buffers.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>Parses the times at which processes and the machine started.</summary>
static class ProcessStart
{
    /// <summary>The ticks of /proc/PID/stat in a second: USER_HZ, the same on every architecture of today.</summary>
    const int TicksPerSecond = 100;

    const int StartField = 22;

    /// <summary>
    /// Parses the start time in /proc/PID/stat: the time between the machine's start and the process's.
    /// </summary>
    public static Reading<TimeSpan> Parse(ReadOnlySpan<byte> text)
    {
        var value = ProcessStat.Field(text, StartField);
        return
            Utf8Parser.TryParse(value, out long ticks, out var digits)
            && digits > 0
            && digits == value.Length
            && ticks >= 0
            ? TimeSpan.FromSeconds((double)ticks / TicksPerSecond)
            : KernelText.Malformed(1, "a start time as field 22", text);
    }

    /// <summary>Parses /proc/uptime: the seconds since the machine started, suspended ones included.</summary>
    public static Reading<TimeSpan> ParseUptime(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out double seconds, out var digits) && digits > 0 && seconds is >= 0 and < 1e10
            ? TimeSpan.FromSeconds(seconds)
            : KernelText.Malformed(1, "the seconds since the machine started", text);
}
