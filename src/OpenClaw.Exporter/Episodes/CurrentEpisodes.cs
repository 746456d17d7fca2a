using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Fixes;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Episodes;

/// <summary>
/// The episodes up to the last diagnosis of the running exporter. With a state directory, they begin with those that
/// an earlier process left there.
/// </summary>
sealed partial class CurrentEpisodes : IHostedService, IDisposable
{
    readonly ILogger<CurrentEpisodes> _logger;
    readonly EpisodeWriter? _writer;
    readonly FixDiary? _fixes;
    DateTime _fixesRead;
    volatile EpisodeHistory _history = EpisodeHistory.Empty;

    /// <summary>Reads the earlier episodes.</summary>
    /// <param name="directory">The state directory; empty for none.</param>
    /// <param name="logger">The log.</param>
    /// <param name="fixes">The diary of fixes; null for none.</param>
    public CurrentEpisodes(string directory, ILogger<CurrentEpisodes> logger, FixDiary? fixes = null)
    {
        _logger = logger;
        _fixes = fixes;
        if (directory.Length == 0)
            return;
        _writer = new(directory, TimeProvider.System);
        var earlier = EpisodeFile.Read(directory);
        if (earlier.TryGet(out var episodes))
            _history = EpisodeHistory.Restore(episodes);
        else if (earlier.Missing is not { Reason: Absence.NotPresent })
            CannotRead(earlier.Missing!.Detail);
        _writer.Skip(_history);
    }

    /// <summary>The time from which this process watches.</summary>
    public DateTimeOffset Since { get; } = TimeProvider.System.GetUtcNow();

    /// <summary>The episodes.</summary>
    public EpisodeHistory History => _history;

    /// <summary>The reason why episodes cannot be written to the state directory; null when they can.</summary>
    public string? WriteFailure => _writer?.Failure;

    /// <summary>
    /// Adds a diagnosis. Diagnoses come one after the other. A bug costs the episodes of this diagnosis, never the
    /// diagnosis itself.
    /// </summary>
    public void Observe(Diagnosis diagnosis)
    {
        try
        {
            var history = WithFixes(_history.With(diagnosis));
            _history = history;
            _writer?.Write(history);
        }
#pragma warning disable CA1031 // A bug here must not cost a scrape.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            CannotObserve(bug);
        }
    }

    /// <summary>Adds what fixes did since the last time. The diary is read only where it changed.</summary>
    EpisodeHistory WithFixes(EpisodeHistory history)
    {
        if (_fixes is null || history.All.IsEmpty)
            return history;
        var changed = File.GetLastWriteTimeUtc(_fixes.File);
        if (changed == _fixesRead)
            return history;
        _fixesRead = changed;
        return history.With(_fixes.Read());
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writer?.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _writer?.Stop(TimeSpan.FromMilliseconds(ExporterBounds.EndMilliseconds / 2));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _writer?.Dispose();

    [LoggerMessage(LogLevel.Error, "The episodes of a snapshot are lost")]
    partial void CannotObserve(Exception bug);

    [LoggerMessage(LogLevel.Warning, "Cannot read the earlier episodes: {Reason}")]
    partial void CannotRead(string reason);
}
