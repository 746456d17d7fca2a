using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Problems;

/// <summary>The state of a pool.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Levels">The levels; missing when they could not be read.</param>
/// <param name="Condition">The condition of its fullest level. It is unknown when a part is unknown and no level is
/// worse.</param>
/// <param name="Unread">The part that was requested but could not be read; null when nothing is missing.</param>
sealed record PoolState(Pool Pool, Reading<ImmutableArray<PoolLevel>> Levels, PoolCondition Condition, Missing? Unread)
{
    /// <summary>
    /// True where the whole pool was read, even if the kernel has none. False where a part is unknown or was not
    /// requested.
    /// </summary>
    public bool IsSeen { get; init; }

    /// <summary>Judges a pool by its levels and by its unreadable parts.</summary>
    /// <param name="evaluated">The evaluation of the pool.</param>
    /// <param name="unseen">The reason why network namespaces are missing from the snapshot; null when none is.</param>
    /// <param name="levels">The levels that are shown.</param>
    public static PoolState Judge(PoolEvaluation evaluated, Missing? unseen, ImmutableArray<PoolLevel> levels)
    {
        // A resource that is absent from the exporter's own namespace is no gap in another. Processes belong to the
        // machine.
        var pool = evaluated.Pool;
        var own = evaluated.Own.Levels;
        var isAbsent = own.Missing is { IsUnseen: false };
        var isInside = pool.Scope == PoolScope.NetworkNamespace && !isAbsent;
        var unread = evaluated
            .Readings.Select(reading =>
                reading.Levels.Missing switch
                {
                    null => reading.Shortfall is { IsUnseen: true } shortfall ? shortfall : null,
                    { IsUnseen: true } missing => missing,
                    _ => isInside ? reading.View.NotEntered : null,
                }
            )
            .Concat(levels.Select(static level => level.Unread))
            .Append(isInside ? unseen : null)
            .FirstOrDefault(static missing => missing is not null);
        var read = isAbsent ? PoolCondition.Absent : PoolCondition.Ok;
        return new(
            pool,
            levels.IsEmpty && own.Missing is { } nothing ? nothing : levels,
            levels.Select(pool.Judge).Append(unread is not null ? PoolCondition.Unknown : read).Max(),
            unread
        )
        {
            IsSeen =
                unread is null
                && (own.Missing ?? evaluated.Own.Shortfall)?.Outcome != Outcome.Gone
                && evaluated
                    .Readings.Append(evaluated.Own)
                    .All(static reading => (reading.Levels.Missing ?? reading.Shortfall)?.Outcome != Outcome.NotAsked)
                && levels.All(static level => !level.IsLimitNotAsked),
        };
    }
}
