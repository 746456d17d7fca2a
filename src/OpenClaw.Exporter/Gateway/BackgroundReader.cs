using System.Runtime.ExceptionServices;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// A reader of something other than the kernel, which may answer slowly or has to be listened to all the time. It works
/// between the snapshots and hands each one what it has, so that no scrape waits for a program or another host.
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
    public virtual void Dispose()
    {
        // Where the server could not be started, nobody has stopped it.
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <summary>Works until it is told to stop.</summary>
    protected abstract Task WorkAsync(CancellationToken stop);
}

/// <summary>
/// A reader that asks at an interval; each snapshot gets the last answer, and none waits for the first. One that was
/// not started, as for a command, is asked by the snapshot itself.
/// </summary>
abstract class PolledReader<T>(string name, string source, TimeSpan interval) : BackgroundReader<T>(name, source)
{
    volatile Answer? _latest;

    /// <summary>
    /// True for a command, where the snapshot itself asks and may have to wait for a program or another host.
    /// </summary>
    public override bool HasOwnThread => !IsStarted;

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
                _latest = new(await AskAsync(stop), null);
            }
#pragma warning disable CA1031 // A bug here must not end the asking; the next snapshot reports it.
            catch (Exception bug) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
            {
                _latest = new(default, ExceptionDispatchInfo.Capture(bug));
            }
        } while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>The last answer. Throws what asking threw: that is a bug of this reader like any other.</summary>
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
            return new Missing(Absence.TimedOut, $"{Source}: no answer within the time of one look");
        }
    }

    sealed record Answer(Reading<T> Reading, ExceptionDispatchInfo? Bug);
}
