using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Timeline;

/// <summary>
/// The utilisation of the pools and their fullest levels in the last 15 minutes. It comes from all snapshots, requested
/// or not.
/// </summary>
sealed class UtilizationHistory
{
    static readonly TimeSpan Span = TimeSpan.FromMinutes(15);
    static readonly TimeSpan Spacing = TimeSpan.FromSeconds(5);

    /// <summary>The shortest time span for a slope. A slope over less time is mostly chance.</summary>
    static readonly TimeSpan LeastSpan = TimeSpan.FromMinutes(1);
    const int LeastPoints = 4;

    /// <summary>
    /// The lowest ratio of a slope to its uncertainty. By chance, as few as seven points reach a ratio of six once in a
    /// thousand times.
    /// </summary>
    const double LeastCertainty = 6;

    /// <summary>The longest time until exhaustion that is predicted.</summary>
    static readonly TimeSpan Horizon = TimeSpan.FromDays(1);

    /// <summary>
    /// The limit on levels that are followed one by one, the worst of each moment. Each takes three kilobytes.
    /// </summary>
    const int LevelsAtMost = 64;

    readonly Lock _lock = new();
    readonly Dictionary<Pool, Queue<(DateTimeOffset Time, double Utilization)>> _pools = [];
    Dictionary<string, Queue<(DateTimeOffset Time, double Utilization)>> _levels = [];
    DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>Adds a moment, unless the last one is almost as recent.</summary>
    /// <param name="time">The time of the moment.</param>
    /// <param name="levels">The levels of the pools, the worst first.</param>
    public void Add(DateTimeOffset time, IEnumerable<(Pool Pool, PoolLevel Level)> levels)
    {
        lock (_lock)
        {
            // A clock that was set back starts a new history.
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

            // A level that is gone, or no longer among the worst, is forgotten when all its points are old.
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
    /// Returns the points of one pool's fullest level, oldest first: seconds before the newest, and utilisation.
    /// </summary>
    public IReadOnlyList<(double Age, double Utilization)> PointsOf(Pool pool)
    {
        lock (_lock)
            return Points(_pools, pool);
    }

    /// <summary>Returns the time at which a level will be full at the present rate.</summary>
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

    /// <summary>
    /// Returns the key of a level. It includes the process, because another process with the same name leaks
    /// independently.
    /// </summary>
    static string Key(Pool pool, PoolLevel level) =>
        string.Join('\0', [pool.Name, level.Netns, .. level.Labels, $"{level.Pid}"]);
}

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
sealed record Forecast(Growth Growth, TimeSpan? Left);
