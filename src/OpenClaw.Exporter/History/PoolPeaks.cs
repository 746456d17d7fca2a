using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.History;

/// <summary>
/// The highest utilisation of pools in the last minute, so that a burst between two scrapes is visible.
/// </summary>
/// <param name="ByPool">The peak of each pool that needs only readers of constant time.</param>
sealed record PoolPeaks(IReadOnlyDictionary<Pool, double> ByPool);

/// <summary>Reads the cheapest pools every second.</summary>
/// <param name="readers">All readers; those of constant time are run.</param>
/// <param name="clock">The clock.</param>
/// <param name="thresholds">The thresholds of the pools; null for those of the catalogue.</param>
sealed class PoolPeaksReader(IEnumerable<Reader> readers, TimeProvider clock, PoolThresholds? thresholds = null)
    : Reader<PoolPeaks>("pool_peaks", "the readers of constant time, every second"),
        IHostedService,
        IDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>The bounds of the samples. The spacing is shorter than the interval, which jitters.</summary>
    static readonly RingBounds Bounds = new(TimeSpan.FromMinutes(1), Interval / 10, PoolCatalogue.All.Length);

    readonly Sampler _sampler = new([.. readers.Where(static reader => reader.IsConstantTime)], clock);
    readonly long _start = clock.GetTimestamp();
    readonly CancellationTokenSource _stopping = new();
    Task _looking = Task.CompletedTask;
    volatile SampleRing<Pool> _seen = new(Bounds);
    volatile Missing? _mistake;
    volatile TaskCompletionSource _rise = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly PortGrowth _ports = new();
    ImmutableHashSet<Pool> _close = [];

    public override bool IsOwn => true;

    /// <summary>
    /// Returns a task that ends when a pool reaches its warning in the next looks, or may do so by the growth of ports.
    /// </summary>
    public Task NextRiseAsync() => _rise.Task;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _sampler.Start();
        _looking = LookEverySecondAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _looking.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>Reads once.</summary>
    internal async Task LookAsync()
    {
        // A pool that also needs another reader is missing in this snapshot, and gets no peak.
        var snapshot = await _sampler.SampleAsync(Interval);
        var seen = (
            from pool in Evaluation.Evaluate(snapshot, PoolCatalogue.All, [], thresholds).Pools
            from level in pool.Own.Levels.TryGet(out var levels) ? levels : []
            where level.Utilization is not null
            select (pool.Pool, Level: level)
        ).ToList();
        _seen = _seen.With(
            clock.GetElapsedTime(_start),
            seen.Select(static one => (one.Pool, one.Level.Utilization!.Value))
        );

        ImmutableHashSet<Pool> close =
        [
            .. seen.Where(static one => one.Pool.Judge(one.Level) >= PoolCondition.Warning)
                .Select(static one => one.Pool),
        ];
        var isRise = _ports.IsLarge(snapshot.Own) | !close.IsSubsetOf(_close);
        _close = close;
        if (!isRise)
            return;
        var rise = _rise;
        _rise = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rise.SetResult();
    }

    /// <inheritdoc/>
    protected override Missing? Shortfall(PoolPeaks value) => _mistake;

    /// <inheritdoc/>
    protected override Reading<PoolPeaks> Read(SamplingPass sampling)
    {
        var oldest = clock.GetElapsedTime(_start) - Bounds.Span;
        var seen = _seen;
        return new PoolPeaks(
            (
                from pool in PoolCatalogue.All
                from sample in seen.SamplesOf(pool)
                where sample.At >= oldest
                group sample.Number by pool
            ).ToDictionary(static pool => pool.Key, static pool => pool.Max())
        );
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
}
