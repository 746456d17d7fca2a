using System.Collections.Immutable;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Pools;

/// <summary>How a pool stands, from best to worst; <see cref="Unknown"/> is a state of its own.</summary>
enum PoolCondition
{
    /// <summary>Below the warning ratio, or without a limit.</summary>
    Ok,

    /// <summary>It could not be read.</summary>
    Unknown,

    /// <summary>At or above the warning ratio.</summary>
    Warning,

    /// <summary>At or above the critical ratio.</summary>
    Critical,
}

/// <summary>One pool, judged.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Levels">Its levels; missing when it could not be read.</param>
/// <param name="Condition">How it stands: as its fullest level does.</param>
sealed record PoolState(Pool Pool, Reading<ImmutableArray<PoolLevel>> Levels, PoolCondition Condition);

/// <summary>What a snapshot means: a pure function of it.</summary>
sealed class Diagnosis
{
    Diagnosis(Snapshot snapshot, ImmutableArray<PoolState> pools) => (Snapshot, Pools) = (snapshot, pools);

    /// <summary>What was judged.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>Every pool of the catalogue, in its order.</summary>
    public ImmutableArray<PoolState> Pools { get; }

    /// <summary>Judges a snapshot.</summary>
    public static Diagnosis Of(Snapshot snapshot) => new(snapshot, [.. PoolCatalogue.All.Select(pool =>
    {
        var levels = pool.Read(snapshot);
        return new PoolState(pool, levels, levels.TryGet(out var present) ? Judge(pool, present) : PoolCondition.Unknown);
    })]);

    /// <summary>How one pool stands.</summary>
    public PoolState Of(Pool pool) => Pools.Single(state => ReferenceEquals(state.Pool, pool));

    /// <summary>Whether some pool of this code stands at least this badly.</summary>
    public bool Has(string code, PoolCondition atLeast) =>
        Pools.Any(state => state.Pool.Code == code && state.Condition >= atLeast);

    static PoolCondition Judge(Pool pool, ImmutableArray<PoolLevel> levels)
    {
        var fullest = levels.Max(static level => level.Utilization) ?? 0;
        return fullest >= pool.CriticalRatio ? PoolCondition.Critical
            : fullest >= pool.WarningRatio ? PoolCondition.Warning
            : PoolCondition.Ok;
    }
}
