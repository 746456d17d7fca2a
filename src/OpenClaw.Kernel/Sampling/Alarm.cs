using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>A timer that is set often and fires seldom. The caller holds the lock that guards it.</summary>
sealed class Alarm : IDisposable
{
    readonly Timer _timer;
    long? _at;

    /// <summary>Creates an alarm that is not set.</summary>
    /// <param name="ring">Runs on the thread pool, and clears the alarm.</param>
    public Alarm(Action ring) =>
        _timer = new(static ring => ((Action)ring!)(), ring, Timeout.Infinite, Timeout.Infinite);

    /// <summary>
    /// Sets the timer, unless it fires early enough anyway. In most cases, one setting serves many passes.
    /// </summary>
    public void Arm(TimeSpan left)
    {
        left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        var at = Stopwatch.GetTimestamp() + (long)((left.TotalSeconds + 0.001) * Stopwatch.Frequency);
        if (_at is { } set && set <= at)
            return;
        _at = at;
        _ = _timer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Records that it has fired.</summary>
    public void Clear() => _at = null;

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();
}
