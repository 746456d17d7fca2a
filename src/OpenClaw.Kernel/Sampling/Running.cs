using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>A run that has not returned.</summary>
/// <param name="Place">The reader's place in the list.</param>
/// <param name="Since">The start of the run, on the monotonic clock.</param>
/// <param name="Allowed">The time after which the run is given up.</param>
readonly record struct Running(int Place, long Since, TimeSpan Allowed)
{
    /// <summary>
    /// The extra time in which a reader that checks the deadline itself may return from its last call.
    /// </summary>
    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Starts a run now. A call that hangs is given up after half of the time left, so that the later readers have
    /// time.
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

    /// <summary>The time left of the allowed time; negative when it has passed.</summary>
    public TimeSpan Left => Allowed - Stopwatch.GetElapsedTime(Since);
}
