using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>A run that has not come back.</summary>
/// <param name="Place">The reader's place in the list.</param>
/// <param name="Since">When it was started, on the monotonic clock.</param>
/// <param name="Allowed">The time after which it is given up.</param>
readonly record struct Running(int Place, long Since, TimeSpan Allowed)
{
    /// <summary>Time for a reader that looks at the deadline itself to come back from its last call.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// A run that starts now. A call that hangs is given up when half of the time is left, for the readers after it.
    /// </summary>
    public static Running Start(int place, Reader reader, Deadline deadline)
    {
        var left = deadline.Remaining;
        var allowed =
            reader.Patience == TimeSpan.MaxValue
                ? left + Grace
                : TimeSpan.FromTicks(Math.Min(reader.Patience.Ticks, left.Ticks / 2));
        return new(place, Stopwatch.GetTimestamp(), allowed);
    }

    /// <summary>What is left of the allowed time; negative when it is over.</summary>
    public TimeSpan Left => Allowed - Stopwatch.GetElapsedTime(Since);
}
