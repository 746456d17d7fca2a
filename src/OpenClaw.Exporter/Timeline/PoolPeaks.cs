using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Timeline;

/// <summary>
/// The highest utilisation of pools in the last minute, so that a burst between two scrapes is visible.
/// </summary>
/// <param name="ByPool">The peak of each pool that needs only readers of constant time.</param>
sealed record PoolPeaks(ImmutableDictionary<Pool, double> ByPool);

/// <summary>Reads the cheapest pools every second.</summary>
/// <param name="readers">All readers; those of constant time are run.</param>
/// <param name="clock">The clock.</param>
sealed class PoolPeaksReader(IEnumerable<Reader> readers, TimeProvider clock)
    : Reader<PoolPeaks>("pool_peaks", "the readers of constant time, every second"),
        IHostedService,
        IDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    readonly Sampler _sampler = new([.. readers.Where(static reader => reader.IsConstantTime)], clock);
    readonly long _start = clock.GetTimestamp();
    readonly Lock _lock = new();
    readonly Queue<(TimeSpan At, Pool Pool, double Utilization)> _seen = [];
    readonly CancellationTokenSource _stopping = new();
    Task _looking = Task.CompletedTask;
    volatile Missing? _mistake;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _looking = LookEverySecondAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _looking;
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>Reads once.</summary>
    internal async Task LookAsync()
    {
        // A pool that also needs another reader is missing in this snapshot, and gets no peak.
        var snapshot = await _sampler.SampleAsync(Interval);
        var now = clock.GetElapsedTime(_start);
        lock (_lock)
        {
            foreach (var pool in Evaluation.Evaluate(snapshot, PoolCatalogue.All, []).Pools)
            {
                if (
                    pool.Own.Levels.TryGet(out var levels)
                    && levels.Max(static level => level.Utilization) is { } utilization
                )
                {
                    _seen.Enqueue((now, pool.Pool, utilization));
                }
            }

            Forget(now);
        }
    }

    /// <inheritdoc/>
    protected override Missing? Shortfall(PoolPeaks value) => _mistake;

    /// <inheritdoc/>
    protected override Reading<PoolPeaks> Read(SamplingPass sampling)
    {
        lock (_lock)
        {
            Forget(clock.GetElapsedTime(_start));
            return new PoolPeaks(
                _seen
                    .GroupBy(static seen => seen.Pool, static seen => seen.Utilization)
                    .ToImmutableDictionary(static pool => pool.Key, static pool => pool.Max())
            );
        }
    }

    async Task LookEverySecondAsync()
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                await TryLookAsync();
        }
        catch (OperationCanceledException) { }
    }

    async Task TryLookAsync()
    {
        try
        {
            await LookAsync();
            _mistake = null;
        }
#pragma warning disable CA1031 // A bug here must not end the looking; the next snapshot reports it.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            _mistake = new(Absence.Failed, $"{Source}: {OneLine.From(bug)}");
        }
    }

    void Forget(TimeSpan now)
    {
        while (_seen.TryPeek(out var oldest) && now - oldest.At > Memory)
            _seen.Dequeue();
    }
}
