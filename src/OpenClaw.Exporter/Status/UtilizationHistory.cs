using OpenClaw.Exporter.Pools;

namespace OpenClaw.Exporter.Status;

/// <summary>The fullest level of each pool over the last quarter of an hour, from the snapshots that were made anyway.</summary>
sealed class UtilizationHistory
{
    static readonly TimeSpan Span = TimeSpan.FromMinutes(15);
    static readonly TimeSpan Spacing = TimeSpan.FromSeconds(5);

    /// <summary>A slope from less says more about chance than about the pool.</summary>
    static readonly TimeSpan LeastSpan = TimeSpan.FromMinutes(1);
    const int LeastPoints = 4;

    /// <summary>What is further off than a day is not a prediction.</summary>
    static readonly TimeSpan Horizon = TimeSpan.FromDays(1);

    readonly Lock _lock = new();
    readonly Queue<(DateTimeOffset Time, Dictionary<string, double> Fullest)> _points = [];
    DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>Adds a diagnosis, unless the last one is hardly older.</summary>
    public void Add(Diagnosis diagnosis)
    {
        lock (_lock)
        {
            var time = diagnosis.Snapshot.Time;
            if (time - _last < Spacing)
                return;
            _last = time;
            _points.Enqueue((time, diagnosis.Findings
                .Where(static finding => finding.Level.Utilization is not null)
                .GroupBy(static finding => finding.Pool.Name)
                .ToDictionary(static pool => pool.Key, static pool => pool.Max(static finding => finding.Level.Utilization!.Value))));
            while (_points.Peek().Time < time - Span)
                _points.Dequeue();
        }
    }

    /// <summary>The points of one pool, oldest first: seconds before the newest, and utilisation.</summary>
    public IReadOnlyList<(double Age, double Utilization)> Of(string pool)
    {
        lock (_lock)
        {
            return [.. _points
                .Where(point => point.Fullest.ContainsKey(pool))
                .Select(point => ((_last - point.Time).TotalSeconds, point.Fullest[pool]))];
        }
    }

    /// <summary>When a pool will be full if it goes on as it does.</summary>
    public Forecast ForecastOf(string pool)
    {
        var points = Of(pool);
        if (points.Count < LeastPoints || points[0].Age < LeastSpan.TotalSeconds)
            return new(Growth.TooEarlyToSay, null);

        // Least squares of utilisation over time.
        var meanAge = points.Average(static point => point.Age);
        var mean = points.Average(static point => point.Utilization);
        var slope = -points.Sum(point => (point.Age - meanAge) * (point.Utilization - mean)) / points.Sum(point => Math.Pow(point.Age - meanAge, 2));
        var seconds = (1 - points[^1].Utilization) / slope;
        return slope > 0 && seconds < Horizon.TotalSeconds ? new(Growth.Growing, TimeSpan.FromSeconds(seconds)) : new(Growth.NotGrowing, null);
    }
}

/// <summary>How a pool has gone lately.</summary>
enum Growth
{
    /// <summary>It was not seen for long enough.</summary>
    TooEarlyToSay,

    /// <summary>It shrinks, stays, or grows so slowly that it will not be full within a day.</summary>
    NotGrowing,

    /// <summary>It will be full within a day.</summary>
    Growing,
}

/// <summary>When a pool will be full.</summary>
/// <param name="Growth">How it has gone lately.</param>
/// <param name="Left">The time until then; null unless it grows.</param>
sealed record Forecast(Growth Growth, TimeSpan? Left);
