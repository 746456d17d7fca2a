using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Timeline;

/// <summary>
/// How full the pools and their fullest levels were in the last quarter of an hour, from the snapshots that somebody
/// asked for or that were made meanwhile.
/// </summary>
sealed class UtilizationHistory
{
    static readonly TimeSpan Span = TimeSpan.FromMinutes(15);
    static readonly TimeSpan Spacing = TimeSpan.FromSeconds(5);

    /// <summary>A slope from less says more about chance than about the pool.</summary>
    static readonly TimeSpan LeastSpan = TimeSpan.FromMinutes(1);
    const int LeastPoints = 4;

    /// <summary>
    /// How many times its uncertainty a slope must be: chance alone makes one of six from as few as seven points once
    /// in a thousand times.
    /// </summary>
    const double LeastCertainty = 6;

    /// <summary>What is further off than a day is not a prediction.</summary>
    static readonly TimeSpan Horizon = TimeSpan.FromDays(1);

    /// <summary>Levels followed one by one, the worst of each moment: three kilobytes each.</summary>
    const int LevelsAtMost = 64;

    readonly Lock _lock = new();
    readonly Dictionary<Pool, Queue<(DateTimeOffset Time, double Utilization)>> _pools = [];
    Dictionary<string, Queue<(DateTimeOffset Time, double Utilization)>> _levels = [];
    DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>Adds a moment, unless the last one is hardly older.</summary>
    /// <param name="time">The moment.</param>
    /// <param name="levels">The levels of the pools, the worst first.</param>
    public void Add(DateTimeOffset time, IEnumerable<(Pool Pool, PoolLevel Level)> levels)
    {
        lock (_lock)
        {
            // A clock that was set back makes the old times those of another line.
            if (time < _last)
            {
                _pools.Clear();
                _levels = [];
            }
            else if (time - _last < Spacing)
            {
                return;
            }

            _last = time;
            var known = levels.Where(static entry => entry.Level.Utilization is not null).ToList();
            foreach (var pool in known.GroupBy(static entry => entry.Pool))
                Follow(_pools, pool.Key, pool.Max(static entry => entry.Level.Utilization!.Value));

            // Those that are no longer among the worst, or are gone, are forgotten once all they had is old.
            foreach (var (pool, level) in known.Take(LevelsAtMost))
                Follow(_levels, Key(pool, level), level.Utilization!.Value);
            _levels = _levels
                .Where(level => level.Value.Last().Time >= time - Span)
                .OrderByDescending(static level => level.Value.Last().Time)
                .Take(2 * LevelsAtMost)
                .ToDictionary();
        }
    }

    /// <summary>
    /// The points of one pool's fullest level, oldest first: seconds before the newest, and utilisation.
    /// </summary>
    public IReadOnlyList<(double Age, double Utilization)> PointsOf(Pool pool)
    {
        lock (_lock)
            return Points(_pools, pool);
    }

    /// <summary>When a level will be full if it goes on as it does.</summary>
    public Forecast ForecastOf(Pool pool, PoolLevel level)
    {
        List<(double Age, double Utilization)> points;
        lock (_lock)
            points = Points(_levels, Key(pool, level));
        if (points.Count < LeastPoints || points[0].Age - points[^1].Age < LeastSpan.TotalSeconds)
            return new(Growth.TooEarlyToSay, null);

        var (slope, uncertainty) = FittedLine.Through([
            .. points.Select(static point => (-point.Age, point.Utilization)),
        ]);
        var seconds = Math.Max(pool.EndRatio - points[^1].Utilization, 0) / slope;
        return slope > LeastCertainty * uncertainty && seconds < Horizon.TotalSeconds
            ? new(Growth.Growing, TimeSpan.FromSeconds(seconds))
            : new(Growth.NotGrowing, null);
    }

    void Follow<TKey>(
        Dictionary<TKey, Queue<(DateTimeOffset Time, double Utilization)>> all,
        TKey key,
        double utilization
    )
        where TKey : notnull
    {
        if (!all.TryGetValue(key, out var points))
            all.Add(key, points = new());
        points.Enqueue((_last, utilization));
        while (points.Peek().Time < _last - Span)
            points.Dequeue();
    }

    List<(double Age, double Utilization)> Points<TKey>(
        Dictionary<TKey, Queue<(DateTimeOffset Time, double Utilization)>> all,
        TKey key
    )
        where TKey : notnull =>
        all.TryGetValue(key, out var points)
            ?
            [
                .. points
                    .Where(point => _last - point.Time <= Span)
                    .Select(point => ((_last - point.Time).TotalSeconds, point.Utilization)),
            ]
            : [];

    /// <summary>The process too, for the next of its name has a leak of its own.</summary>
    static string Key(Pool pool, PoolLevel level) =>
        string.Join('\0', [pool.Name, level.Netns, .. level.Labels, $"{level.Pid}"]);
}

/// <summary>How a level has gone lately.</summary>
enum Growth
{
    /// <summary>It was not seen for long enough.</summary>
    TooEarlyToSay,

    /// <summary>It shrinks, stays, or grows so slowly that it will not be full within a day.</summary>
    NotGrowing,

    /// <summary>It will be full within a day.</summary>
    Growing,
}

/// <summary>When a level will be full.</summary>
/// <param name="Growth">How it has gone lately.</param>
/// <param name="Left">The time until then; null unless it grows.</param>
sealed record Forecast(Growth Growth, TimeSpan? Left);
