using System.Runtime.ExceptionServices;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// A reader of a slow source other than the kernel, or of one that must be followed all the time. It works between the
/// snapshots and gives each snapshot its last value. So no scrape waits for a program or another host.
/// </summary>
abstract class BackgroundReader<T>(string name, string source) : Reader<T>(name, source), IHostedService, IDisposable
{
    readonly CancellationTokenSource _stop = new();
    Task _work = Task.CompletedTask;

    /// <summary>True where the reader works between the snapshots.</summary>
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
    public virtual void Dispose()
    {
        // When the server could not be started, no other code has stopped the work.
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <summary>Works until the token is cancelled.</summary>
    protected abstract Task WorkAsync(CancellationToken stop);
}

/// <summary>
/// A reader that asks at an interval. Each snapshot gets the last answer and does not wait for the first. In a command,
/// where the reader was not started, the snapshot itself asks.
/// </summary>
abstract class PolledReader<T>(string name, string source, TimeSpan interval) : BackgroundReader<T>(name, source)
{
    readonly SemaphoreSlim _due = new(0, 1);
    volatile Answer? _latest;

    /// <summary>True in a command, where the snapshot itself asks and may wait for a program or another host.</summary>
    public override bool HasOwnThread => !IsStarted;

    /// <summary>Asks once. Every expected failure is a missing value.</summary>
    public abstract Task<Reading<T>> AskAsync(CancellationToken stop);

    /// <inheritdoc/>
    protected override async Task WorkAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                _latest = new(await AskAsync(stop), null);
            }
#pragma warning disable CA1031 // A bug here must not end the asking; the next snapshot reports it.
            catch (Exception bug) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
            {
                _latest = new(default, ExceptionDispatchInfo.Capture(bug));
            }
            _ = await _due.WaitAsync(interval, stop);
        }
    }

    /// <summary>Asks at once and not only after the interval.</summary>
    protected void AskNow()
    {
        if (_due.CurrentCount == 0)
            _due.Release();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _due.Dispose();
    }

    /// <summary>
    /// Returns the last answer. Throws the exception of the question: it is a bug of this reader like any other.
    /// </summary>
    protected override Reading<T> Read(SamplingPass sampling)
    {
        if (!IsStarted)
            return Ask(sampling.Deadline);
        if (_latest is not { } answer)
            return new Missing(Absence.TimedOut, $"{Source}: no answer yet");
        answer.Bug?.Throw();
        return answer.Reading;
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
            return new Missing(Absence.TimedOut, $"{Source}: no answer within the time limit of a snapshot");
        }
    }

    sealed record Answer(Reading<T> Reading, ExceptionDispatchInfo? Bug);
}
