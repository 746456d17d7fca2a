namespace OpenClaw.Kernel.Sampling;

/// <summary>A moment on the wall clock, which may be set, and on a clock that nobody sets.</summary>
/// <param name="Time">The moment on the wall clock.</param>
/// <param name="Uptime">The moment on the other clock; null where it is unknown.</param>
public readonly record struct ClockReading(DateTimeOffset Time, TimeSpan? Uptime)
{
    /// <summary>
    /// The least step. Below it, the clock was only adjusted, or both clocks were read at different times.
    /// </summary>
    static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>Reads both clocks.</summary>
    public static ClockReading Now(TimeProvider clock) => new(clock.GetUtcNow(), clock.GetElapsedTime(0));

    /// <summary>
    /// Returns the time by which the wall clock was set since an earlier moment. It is negative where the clock was set
    /// back, and zero where it was not set.
    /// </summary>
    public TimeSpan StepSince(ClockReading earlier) =>
        Uptime - earlier.Uptime is { } passed && Time - earlier.Time - passed is var step && step.Duration() >= Least
            ? step
            : TimeSpan.Zero;
}
