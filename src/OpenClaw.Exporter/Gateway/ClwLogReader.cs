using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Follows the OpenClaw log, a file or a FIFO, from the start of the exporter. It reads more often than at each scrape.
/// A full FIFO makes OpenClaw wait, and a file may be rotated twice between two scrapes.
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
        // The first read is here and not in the background, so that every error after the start is counted.
        _ = Look();
        return base.StartAsync(cancellationToken);
    }

    /// <summary>
    /// Reads on to the end of the log. Returns its errors since the start, or the reason why it could never be opened.
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

    /// <summary>Reports a log that is gone. The counts stay.</summary>
    protected override Missing? Shortfall(ClwErrors value) => _failure;

    /// <inheritdoc/>
    protected override async Task WorkAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stop))
            _ = Look();
    }
}
