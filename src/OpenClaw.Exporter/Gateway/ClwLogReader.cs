using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Follows the OpenClaw log from the start of the exporter: a file, a FIFO, or the files of a pattern. It reads more
/// often than at each scrape. A full FIFO makes OpenClaw wait, and a file may be rotated twice between two scrapes.
/// </summary>
sealed class ClwLogReader : BackgroundReader<ClwErrors>
{
    /// <summary>The pattern of the log files of a Gateway with the default settings.</summary>
    public const string DefaultPattern = "/tmp/openclaw/openclaw*-*.log";

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    readonly Lock _lock = new();
    readonly ClwTally _tally;
    readonly FollowedLog _log;
    Missing? _failure;

    /// <summary>Creates the reader.</summary>
    /// <param name="path">The path, or a pattern with * and ? in its names.</param>
    /// <param name="clock">The clock for errors without a time of their own.</param>
    public ClwLogReader(string path, TimeProvider clock)
        : base("openclaw_log", path)
    {
        _tally = new(clock);
        _log = new(path, () => new ClwLog(_tally));
    }

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
            _failure = _log.Follow();
            return _log.WasOpened ? _tally.Errors : _failure!;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _log.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Reading<ClwErrors> Read(SamplingPass sampling) => Look();

    /// <summary>Reports a log that is gone, or a file of it that may not be read. The counts stay.</summary>
    protected override Missing? Shortfall(ClwErrors value) => _failure;

    /// <inheritdoc/>
    protected override async Task WorkAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stop))
            _ = Look();
    }
}
