using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.History;

/// <summary>The recent growth of a level.</summary>
enum Growth
{
    /// <summary>The level was not observed for long enough.</summary>
    TooEarlyToSay,

    /// <summary>The level shrinks, stays, or grows so slowly that it will not be full within a day.</summary>
    NotGrowing,

    /// <summary>The level will be full within a day.</summary>
    Growing,
}

/// <summary>The time at which a level will be full.</summary>
/// <param name="Growth">The recent growth.</param>
/// <param name="Left">The time left; null unless it grows.</param>
sealed record Forecast(Growth Growth, TimeSpan? Left)
{
    /// <summary>The shortest time span for a slope. A slope over less time is mostly chance.</summary>
    static readonly TimeSpan LeastSpan = TimeSpan.FromMinutes(1);
    const int LeastPoints = 4;

    /// <summary>
    /// The lowest ratio of a slope to its uncertainty. By chance, as few as seven points reach a ratio of six once in a
    /// thousand times.
    /// </summary>
    const double LeastCertainty = 6;

    /// <summary>The number of rises that have to be missed before growth has stopped.</summary>
    const double MissedRises = 3;

    /// <summary>The longest time until exhaustion that is predicted.</summary>
    static readonly TimeSpan Horizon = TimeSpan.FromDays(1);

    /// <summary>Predicts when a utilisation reaches its end.</summary>
    /// <param name="points">Its points, oldest first: seconds before the newest sample, and utilisation.</param>
    /// <param name="end">The utilisation at which nothing is left.</param>
    public static Forecast Through(IReadOnlyList<(double Age, double Utilization)> points, double end)
    {
        if (points.Count < LeastPoints || points[0].Age - points[^1].Age < LeastSpan.TotalSeconds)
            return new(Growth.TooEarlyToSay, null);

        var (slope, uncertainty) = FittedLine.Through([
            .. points.Select(static point => (-point.Age, point.Utilization)),
        ]);
        var seconds = Math.Max(end - points[^1].Utilization, 0) / slope;
        return slope > LeastCertainty * uncertainty && seconds < Horizon.TotalSeconds && !HasStopped(points, slope)
            ? new(Growth.Growing, TimeSpan.FromSeconds(seconds))
            : new(Growth.NotGrowing, null);
    }

    /// <summary>
    /// Returns true where the level is not higher than it was some time ago. At its rate it should have risen several
    /// times since.
    /// </summary>
    static bool HasStopped(IReadOnlyList<(double Age, double Utilization)> points, double slope)
    {
        var rises = points
            .Zip(points.Skip(1), static (before, after) => after.Utilization - before.Utilization)
            .Where(static rise => rise > 0)
            .ToList();
        var reached = points.First(point => point.Utilization >= points[^1].Utilization);
        return slope * (reached.Age - points[^1].Age) > MissedRises * rises.Average();
    }
}
