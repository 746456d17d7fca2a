using System.Buffers.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>Parses the times at which processes and the machine started.</summary>
static class ProcessStart
{
    /// <summary>The ticks of /proc/PID/stat in a second: USER_HZ, the same on every architecture of today.</summary>
    const int TicksPerSecond = 100;

    /// <summary>The longest time that a machine can be up: 317 years. A calendar has room for it.</summary>
    const long SecondsAtMost = 10_000_000_000;

    const int StartField = 22;

    /// <summary>Returns the time at which a process started; null when it cannot be read.</summary>
    public static DateTimeOffset? Read(ProcMount proc, int pid, TimeProvider clock) =>
        proc.Read($"{pid}/stat", Parse).TryGet(out var start) && proc.Read("uptime", ParseUptime).TryGet(out var uptime)
            ? clock.GetUtcNow() - (uptime - start)
            : null;

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
            && ticks is >= 0 and < SecondsAtMost * TicksPerSecond
            ? TimeSpan.FromSeconds((double)ticks / TicksPerSecond)
            : KernelText.Malformed(1, "a start time as field 22", text);
    }

    /// <summary>Parses /proc/uptime: the seconds since the machine started, suspended ones included.</summary>
    public static Reading<TimeSpan> ParseUptime(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out double seconds, out var digits)
        && digits > 0
        && seconds is >= 0 and < SecondsAtMost
            ? TimeSpan.FromSeconds(seconds)
            : KernelText.Malformed(1, "the seconds since the machine started", text);
}
