namespace OpenClaw.Testing;

/// <summary>A clock that stands still until a test advances it.</summary>
sealed class SteppedClock : TimeProvider
{
    long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public void Advance(TimeSpan span) => _now += span.Ticks;
}
