using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// A reader of something other than the kernel, which may answer slowly or has to be listened to all the time. It works
/// between the snapshots and hands each one what it has, so that no scrape waits for a program or another host. One that was
/// not started, as for a command, is asked by the snapshot itself.
/// </summary>
abstract class BackgroundReader<T>(string name, string source) : Reader<T>(name, source), IHostedService, IDisposable
{
    readonly CancellationTokenSource _stop = new();
    Task _work = Task.CompletedTask;

    /// <summary>Whether it works between the snapshots.</summary>
    protected bool IsStarted { get; private set; }

    /// <inheritdoc/>
    public virtual Task StartAsync(CancellationToken cancellationToken)
    {
        IsStarted = true;
        _work = Task.Run(() => WorkAsync(_stop.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _work.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public virtual void Dispose() => _stop.Dispose();

    /// <summary>Works until it is told to stop.</summary>
    protected abstract Task WorkAsync(CancellationToken stop);
}

/// <summary>A reader that asks at an interval; each snapshot gets the last answer.</summary>
abstract class PolledReader<T>(string name, string source, TimeSpan interval) : BackgroundReader<T>(name, source)
{
    readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile Answer? _latest;

    /// <summary>Asks once. Anything expected to go wrong is a missing value.</summary>
    public abstract Task<Reading<T>> AskAsync(CancellationToken stop);

    /// <inheritdoc/>
    protected override async Task WorkAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(interval);
        do
        {
            try
            {
                _latest = new(await AskAsync(stop));
            }
#pragma warning disable CA1031 // A bug here must not end the asking.
            catch (Exception bug) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
            {
                _latest = new(new Missing(Absence.Failed, $"{Source}: {bug}"));
            }

            _ = _answered.TrySetResult();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>The last answer; before the first one, waits for it as long as the snapshot may take.</summary>
    protected override Reading<T> Read(SamplingPass sampling)
    {
        if (!IsStarted)
            return Ask(sampling.Deadline);
        if (_latest is null)
            _ = _answered.Task.Wait(sampling.Deadline.Remaining);
        return _latest is { } answer ? answer.Reading : new Missing(Absence.TimedOut, $"{Source}: no answer yet");
    }

    Reading<T> Ask(Deadline deadline)
    {
        using var timeout = new CancellationTokenSource(deadline.Remaining);
        try
        {
            return AskAsync(timeout.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return new Missing(Absence.TimedOut, $"{Source}: no answer within the time of one look");
        }
    }

    sealed record Answer(Reading<T> Reading);
}
