using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>The moment by which an answer is needed, on the monotonic clock.</summary>
public readonly struct Deadline
{
    readonly long _at;

    Deadline(long at) => _at = at;

    /// <summary>Returns the deadline that is <paramref name="span"/> from now.</summary>
    public static Deadline After(TimeSpan span) =>
        new(Stopwatch.GetTimestamp() + (long)(span.TotalSeconds * Stopwatch.Frequency));

    /// <summary>
    /// Returns this deadline, or the one that is <paramref name="span"/> from now if that is earlier.
    /// </summary>
    public Deadline NoLaterThan(TimeSpan span) => new(Math.Min(_at, After(span)._at));

    /// <summary>The time left; zero when the deadline has passed.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _at);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>True once the deadline has passed.</summary>
    public bool HasPassed => Stopwatch.GetTimestamp() >= _at;
}
