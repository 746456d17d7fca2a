using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Sampling;

/// <summary>
/// The system's clock. Its timestamps count from the boot, and go on while the machine is suspended, as the wall clock
/// does. So a difference between both is a wall clock that was set.
/// </summary>
public sealed class BootClock : TimeProvider
{
    const long Nanoseconds = 1_000_000_000;

    BootClock() { }

    /// <summary>The only instance.</summary>
    public static BootClock Instance { get; } = new();

    /// <inheritdoc/>
    public override long TimestampFrequency => Nanoseconds;

    /// <inheritdoc/>
    public override long GetTimestamp() =>
        Time.clock_gettime(Time.CLOCK_BOOTTIME, out var time) == 0
            ? (time.tv_sec * Nanoseconds) + time.tv_nsec
            : throw new InvalidOperationException("CLOCK_BOOTTIME is not available");
}
