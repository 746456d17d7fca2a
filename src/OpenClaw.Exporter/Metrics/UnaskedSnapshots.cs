using OpenClaw.Exporter.History;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// Takes a snapshot when no client has requested one for a while. So the history of pools and counters does not depend
/// on a scraper. Requests are served as always.
/// </summary>
/// <param name="current">The exposition that all clients share.</param>
/// <param name="interval">The time without a snapshot after which one is taken.</param>
/// <param name="logger">The log of bugs.</param>
sealed partial class UnaskedSnapshots(CurrentExposition current, TimeSpan interval, ILogger<UnaskedSnapshots> logger)
    : BackgroundService
{
    /// <summary>The default interval: the spacing at which levels of counters are kept.</summary>
    public static readonly TimeSpan Interval = Timeline.Slot;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var left = interval;
        while (true)
        {
            await Task.Delay(left, stoppingToken);
            left = interval - current.Age;
            if (left > TimeSpan.Zero)
                continue;
            try
            {
                _ = await current.GetAsync(CurrentExposition.TimeoutAtMost).WaitAsync(stoppingToken);
            }
#pragma warning disable CA1031 // A mistake that costs one snapshot must not end the process or later snapshots.
            catch (Exception mistake) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                SnapshotFails(mistake);
            }

            left = interval;
        }
    }

    [LoggerMessage(LogLevel.Error, "Background snapshot failed")]
    partial void SnapshotFails(Exception mistake);
}
