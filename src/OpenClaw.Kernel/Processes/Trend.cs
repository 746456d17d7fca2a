using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Processes;

/// <summary>The growth of a number, from samples of the last hour.</summary>
sealed class Trend
{
    static readonly TimeSpan Spacing = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Memory = TimeSpan.FromHours(1);
    static readonly TimeSpan Shortest = TimeSpan.FromMinutes(2);

    readonly Queue<(TimeSpan At, double Value)> _samples = [];
    (TimeSpan At, double Value) _latest;

    /// <summary>Adds a sample. Of samples closer than ten seconds, not all are kept.</summary>
    /// <param name="at">The time, on any clock that only goes forward.</param>
    /// <param name="value">The number.</param>
    public void Add(TimeSpan at, double value)
    {
        if (_samples.Count == 0 || at - _latest.At >= Spacing)
        {
            _latest = (at, value);
            _samples.Enqueue(_latest);
        }

        while (at - _samples.Peek().At > Memory)
            _samples.Dequeue();
    }

    /// <summary>
    /// The growth per hour, by the line that fits the samples best; null before they span two minutes.
    /// </summary>
    public double? PerHour
    {
        get
        {
            if (_samples.Count < 2 || _latest.At - _samples.Peek().At < Shortest)
                return null;
            return FittedLine
                .Through([.. _samples.Select(static sample => (sample.At.TotalHours, sample.Value))])
                .Slope;
        }
    }
}
