using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>A run that has not returned.</summary>
/// <param name="Place">The reader's place in the list.</param>
/// <param name="Since">The start of the run, on the monotonic clock.</param>
/// <param name="Allowed">The time after which the run is given up.</param>
/// <param name="Alone">The time after which the other readers continue on another thread.</param>
readonly record struct Running(int Place, long Since, TimeSpan Allowed, TimeSpan Alone)
{
    /// <summary>A file that takes longer hangs, or the machine is so busy that another thread costs nothing.</summary>
    static readonly TimeSpan AloneWhenSmall = TimeSpan.FromMilliseconds(100);

    /// <summary>Dumps of many sockets and walks over many processes may take this long.</summary>
    static readonly TimeSpan AloneWhenLarge = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The extra time in which a reader that checks the deadline itself may return from its last call.
    /// </summary>
    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Starts a run now. A call that hangs is given up after half of the time left, so that the readers that need it
    /// have time.
    /// </summary>
    public static Running Start(int place, Reader reader, Deadline deadline)
    {
        var left = deadline.Remaining;
        var allowed =
            reader.Patience == TimeSpan.MaxValue
                ? left + Grace
                : TimeSpan.FromTicks(Math.Min(reader.Patience.Ticks, left.Ticks / 2));
        var alone = reader.Cost == ReaderCost.Large ? AloneWhenLarge : AloneWhenSmall;
        return new(place, Stopwatch.GetTimestamp(), allowed, alone < allowed ? alone : allowed);
    }

    /// <summary>The time left of the allowed time; negative when it has passed.</summary>
    public TimeSpan Left => Allowed - Stopwatch.GetElapsedTime(Since);

    /// <summary>
    /// The time left until the other readers continue on another thread; negative when it has passed.
    /// </summary>
    public TimeSpan LeftAlone => Alone - Stopwatch.GetElapsedTime(Since);
}
