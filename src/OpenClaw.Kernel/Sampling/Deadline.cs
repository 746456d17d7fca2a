using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>A moment by which an answer is wanted, on the monotonic clock.</summary>
public readonly struct Deadline
{
    readonly long _at;

    Deadline(long at) => _at = at;

    /// <summary>The deadline that is <paramref name="span"/> from now.</summary>
    public static Deadline After(TimeSpan span) =>
        new(Stopwatch.GetTimestamp() + (long)(span.TotalSeconds * Stopwatch.Frequency));

    /// <summary>What is left of it; zero when it has passed.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _at);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>True once it is over.</summary>
    public bool HasPassed => Stopwatch.GetTimestamp() >= _at;
}
