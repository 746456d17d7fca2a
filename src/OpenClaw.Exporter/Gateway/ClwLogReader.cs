using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Follows the OpenClaw log, a file or a FIFO, from the moment the exporter starts. It looks often rather than at each
/// scrape: a FIFO that nobody empties makes OpenClaw wait, and a file may be rotated twice between two scrapes.
/// </summary>
sealed class ClwLogReader(string path, TimeProvider clock) : BackgroundReader<ClwErrors>("openclaw_log", path)
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    readonly Lock _lock = new();
    readonly FollowedFile _file = new(path);
    readonly ClwLog _log = new(clock);
    Missing? _failure;
    bool _wasOpened;

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Here and not in the background: what is written once the exporter runs is counted.
        _ = Look();
        return base.StartAsync(cancellationToken);
    }

    /// <summary>
    /// Reads on to the end of the log; what it says since the start, or why it could never be opened.
    /// </summary>
    public Reading<ClwErrors> Look()
    {
        lock (_lock)
        {
            _failure = _file.Follow(_log);
            _wasOpened |= _failure is null;
            return _wasOpened ? _log.Errors : _failure!;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _file.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Reading<ClwErrors> Read(SamplingPass sampling) => Look();

    /// <summary>The counts stay when the log is gone; the reader says that it is.</summary>
    protected override Missing? Shortfall(ClwErrors value) => _failure;

    /// <inheritdoc/>
    protected override async Task WorkAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stop))
            _ = Look();
    }
}
