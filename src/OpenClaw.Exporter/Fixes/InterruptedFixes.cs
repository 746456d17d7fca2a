namespace OpenClaw.Exporter.Fixes;

/// <summary>
/// Undoes fixes whose process was killed, while the server runs. It needs the rights of the fix; without them, the next
/// <c>fix</c> of root undoes it.
/// </summary>
/// <param name="run">The fixes.</param>
/// <param name="diary">The diary, from which episodes take what a fix did.</param>
/// <param name="logger">The log.</param>
sealed partial class InterruptedFixes(FixRun run, FixDiary diary, ILogger<InterruptedFixes> logger) : BackgroundService
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    string? _last;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var outcome in run.UndoInterrupted())
                    Log(outcome);
            }
#pragma warning disable CA1031 // A bug here must not end the server, which this is the least task of.
            catch (Exception bug)
#pragma warning restore CA1031
            {
                Fails(bug);
            }

            // The end of the server is no failure of this task, also where the server cannot start.
            await Task.Delay(Interval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Logs an undo, and a failure that is not the same as the last one.</summary>
    void Log(FixOutcome outcome)
    {
        if (outcome is { Failure: null, Record: { } record })
        {
            Undone(record.Id, record.Problem);
            var changes = FixEntry.Words(record.Undoing);
            diary.Add(FixEntry.From(FixEntry.Undone, record, changes, TimeProvider.System.GetUtcNow()));
            return;
        }

        var reason = string.Join("; ", outcome.Left.Prepend(outcome.Failure?.Detail));
        if (reason == _last)
            return;
        _last = reason;
        if (outcome.Failure is { IsForbidden: true })
            Forbidden(reason);
        else
            NotUndone(reason);
    }

    [LoggerMessage(LogLevel.Information, "Undid fix {Id} ({Problem}): its process had ended")]
    partial void Undone(int id, string problem);

    [LoggerMessage(LogLevel.Warning, "Cannot undo a fix whose process has ended: {Reason}")]
    partial void NotUndone(string reason);

    [LoggerMessage(LogLevel.Error, "The search for fixes whose process has ended fails")]
    partial void Fails(Exception bug);

    [LoggerMessage(LogLevel.Debug, "May not read the fixes of this machine: {Reason}")]
    partial void Forbidden(string reason);
}
