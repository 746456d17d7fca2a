using System.Diagnostics;
using OpenClaw.Exporter.History;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// Takes a snapshot when no client has requested one for a while. So the history of pools and counters does not depend
/// on a scraper. Requests are served as always.
/// </summary>
/// <param name="current">The exposition that all clients share.</param>
/// <param name="interval">The time without a snapshot after which one is taken.</param>
/// <param name="logger">The log of bugs.</param>
/// <param name="nextRise">Returns a task that ends when a cheap pool reaches its warning. A snapshot is then taken at
/// once, because it may be over before the interval is. Null where nothing looks.</param>
sealed partial class UnaskedSnapshots(
    CurrentExposition current,
    TimeSpan interval,
    ILogger<UnaskedSnapshots> logger,
    Func<Task>? nextRise = null
) : BackgroundService
{
    /// <summary>The default interval: the spacing at which levels of counters are kept.</summary>
    public static readonly TimeSpan Interval = Timeline.Slot;

    /// <summary>The least time after a snapshot at a rise until the next one at a rise.</summary>
    static readonly TimeSpan RiseSpacing = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        current.Start();
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Where the server cannot start, the end of this service is no failure of its own.
        var (left, lastRise) = (interval, 0L);
        for (var rise = nextRise?.Invoke(); ; )
        {
            var isRise = await WaitAsync(left, rise, stoppingToken);
            if (stoppingToken.IsCancellationRequested)
                return;
            if (isRise)
                rise = nextRise?.Invoke();
            isRise &= lastRise == 0 || Stopwatch.GetElapsedTime(lastRise) >= RiseSpacing;
            left = interval - current.Age;
            if (left > TimeSpan.Zero && !isRise)
                continue;
            if (isRise)
                lastRise = Stopwatch.GetTimestamp();
            try
            {
                _ = await current.GetAsync(CurrentExposition.TimeoutAtMost).WaitAsync(stoppingToken);
            }
#pragma warning disable CA1031 // A mistake that costs one snapshot must not end the process or later snapshots.
            catch (Exception mistake)
#pragma warning restore CA1031
            {
                if (stoppingToken.IsCancellationRequested)
                    return;
                SnapshotFails(mistake);
            }

            left = interval;
        }
    }

    /// <summary>Waits for a time, or until a pool reaches its warning. Returns true for the latter.</summary>
    static async Task<bool> WaitAsync(TimeSpan time, Task? rise, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var delay = Task.Delay(time, either.Token);
        var first = rise is null ? delay : await Task.WhenAny(delay, rise);
        await either.CancelAsync();
        await delay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return first == rise;
    }

    [LoggerMessage(LogLevel.Error, "Background snapshot failed")]
    partial void SnapshotFails(Exception mistake);
}
