using System.Collections.Immutable;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Pools;

/// <summary>How a pool stands, in the order in which one hides another.</summary>
enum PoolCondition
{
    /// <summary>The kernel has no such resource here, so that it cannot run out.</summary>
    Absent,

    /// <summary>Below the warning ratio, or without a limit.</summary>
    Ok,

    /// <summary>It exists, but could not be read.</summary>
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

/// <summary>One level of a pool, judged, with what to do about it.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Level">The level.</param>
/// <param name="Condition">How it stands.</param>
/// <param name="Remedy">What to do.</param>
sealed record Finding(Pool Pool, PoolLevel Level, PoolCondition Condition, Remedy Remedy)
{
    /// <summary>The codes that its exhaustion shows as, its own first.</summary>
    public ImmutableArray<string> Codes => ClwCodes.ShownBy(Pool.Code);
}

/// <summary>Levels of one pool that are in trouble and that one remedy helps.</summary>
/// <param name="Worst">The worst of them.</param>
/// <param name="Also">The others.</param>
sealed record Trouble(Finding Worst, ImmutableArray<Finding> Also);

/// <summary>What a snapshot means: a pure function of it.</summary>
sealed class Diagnosis
{
    Diagnosis(Snapshot snapshot, ImmutableArray<PoolState> pools)
    {
        Snapshot = snapshot;
        Pools = pools;
        Findings =
        [
            .. from state in pools
               from level in state.Levels.TryGet(out var levels) ? levels : []
               let condition = Judge(state.Pool, level)
               orderby condition descending, level.Utilization ?? 0 descending
               select new Finding(
                   state.Pool, level, condition, state.Pool.RemedyFor?.Invoke(snapshot, level) ?? new Remedy(state.Pool.Remedy)),
        ];
    }

    /// <summary>What was judged.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>Every pool of the catalogue, in its order.</summary>
    public ImmutableArray<PoolState> Pools { get; }

    /// <summary>Every level of every pool, worst first.</summary>
    public ImmutableArray<Finding> Findings { get; }

    /// <summary>What is at least a warning, worst first, once for each remedy.</summary>
    public IEnumerable<Trouble> Troubles =>
        from finding in Findings
        where finding.Condition >= PoolCondition.Warning
        group finding by (finding.Pool.Name, finding.Remedy) into levels
        select new Trouble(levels.First(), [.. levels.Skip(1)]);

    /// <summary>The worst condition there is; what could not be read counts only when nothing is worse.</summary>
    public PoolCondition Condition => Pools.Max(static state => state.Condition);

    /// <summary>Judges a snapshot.</summary>
    public static Diagnosis Of(Snapshot snapshot) => new(snapshot, [.. PoolCatalogue.All.Select(pool =>
    {
        var levels = pool.Read(snapshot);
        return new PoolState(pool, levels, levels.TryGet(out var present) ? Judge(pool, present)
            : levels.Missing!.Reason == Absence.NotPresent ? PoolCondition.Absent
            : PoolCondition.Unknown);
    })]);

    /// <summary>How one pool stands.</summary>
    public PoolState Of(Pool pool) => Pools.Single(state => ReferenceEquals(state.Pool, pool));

    /// <summary>Whether some pool of this code stands at least this badly.</summary>
    public bool Has(string code, PoolCondition atLeast) =>
        Pools.Any(state => state.Pool.Code == code && state.Condition >= atLeast);

    static PoolCondition Judge(Pool pool, ImmutableArray<PoolLevel> levels) =>
        levels.IsEmpty ? PoolCondition.Ok : levels.Max(level => Judge(pool, level));

    static PoolCondition Judge(Pool pool, PoolLevel level) =>
        level.Utilization is not { } utilization ? PoolCondition.Ok
        : utilization >= pool.CriticalRatio ? PoolCondition.Critical
        : utilization >= pool.WarningRatio ? PoolCondition.Warning
        : PoolCondition.Ok;
}
