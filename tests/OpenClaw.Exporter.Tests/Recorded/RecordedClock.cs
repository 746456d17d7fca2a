namespace OpenClaw.Exporter.Tests;

/// <summary>A clock that shows the same times in each recording and stands still until it is advanced.</summary>
sealed class RecordedClock : TimeProvider
{
    static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    TimeSpan _passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + _passed;

    public override long GetTimestamp() => _passed.Ticks;

    public void Advance(TimeSpan span) => _passed += span;
}
