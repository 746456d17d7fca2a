using System.Diagnostics;
using OpenClaw.Exporter.History;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Holders;

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

    /// <summary>The time after which a search for holders, which runs beside the snapshots, has mostly ended.</summary>
    static readonly TimeSpan SearchTime = TimeSpan.FromSeconds(1);

    /// <summary>The limit on snapshots that follow one whose holders are still searched.</summary>
    const int MoreAtMost = 3;

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
        var (left, lastRise, isRise) = (interval, 0L, false);
        for (var rise = nextRise?.Invoke(); ; )
        {
            if (await WaitAsync(left, rise, stoppingToken))
                (isRise, rise) = (true, nextRise?.Invoke());
            if (stoppingToken.IsCancellationRequested)
                return;

            // A rise soon after another one waits for its turn. It is not forgotten.
            left = interval - current.Age;
            if (isRise)
                left = Least(left, lastRise == 0 ? TimeSpan.Zero : RiseSpacing - Stopwatch.GetElapsedTime(lastRise));
            if (left > TimeSpan.Zero)
                continue;
            if (isRise)
                (isRise, lastRise) = (false, Stopwatch.GetTimestamp());
            try
            {
                for (var more = MoreAtMost; IsHolderToCome(await TakeAsync(stoppingToken)) && more > 0; more--)
                    await Task.Delay(SearchTime, stoppingToken);
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

    async Task<Snapshot> TakeAsync(CancellationToken stop) =>
        (await current.GetAsync(CurrentExposition.TimeoutAtMost).WaitAsync(stop)).Diagnosis.Snapshot;

    static bool IsHolderToCome(Snapshot snapshot) =>
        snapshot.Namespaces.Any(static netns =>
            netns.Get<NamespaceHolders>().TryGet(out var holders) && holders.IsIncomplete
        );

    static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

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
