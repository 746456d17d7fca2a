using OpenClaw.Exporter.Timeline;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// Has a snapshot made when nobody has asked for one for a while, so that what is remembered of earlier ones, the
/// course of the pools and the counters before they rose, does not depend on a scraper. Whoever asks is served as ever.
/// </summary>
/// <param name="current">Where everybody asks.</param>
/// <param name="interval">After how long without a snapshot.</param>
/// <param name="logger">Where mistakes are reported.</param>
sealed partial class UnaskedSnapshots(CurrentExposition current, TimeSpan interval, ILogger<UnaskedSnapshots> logger)
    : BackgroundService
{
    /// <summary>After how long it is by default: as often as levels of counters are kept.</summary>
    public static readonly TimeSpan Interval = SymptomHistory.Spacing;

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

    [LoggerMessage(LogLevel.Error, "A snapshot that nobody asked for could not be made")]
    partial void SnapshotFails(Exception mistake);
}
