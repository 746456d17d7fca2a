using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Problems;

/// <summary>One pool, judged.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Levels">Its levels; missing when it could not be read.</param>
/// <param name="Condition">How it stands: as its fullest level does, and unknown when some of it is and nothing is
/// worse.</param>
/// <param name="Unread">What of it could not be read although it was asked for; null when nothing is missing.</param>
sealed record PoolState(Pool Pool, Reading<ImmutableArray<PoolLevel>> Levels, PoolCondition Condition, Missing? Unread)
{
    /// <summary>
    /// True where all of it was seen, also that the kernel has none; false where part of it was not, or nobody asked.
    /// </summary>
    public bool IsSeen { get; init; }

    /// <summary>Judges a pool by its levels and by what of it could not be read.</summary>
    /// <param name="evaluated">The pool, read.</param>
    /// <param name="unseen">Why network namespaces are missing from the snapshot; null when none is.</param>
    /// <param name="levels">The levels that are shown.</param>
    public static PoolState Judge(PoolEvaluation evaluated, Missing? unseen, ImmutableArray<PoolLevel> levels)
    {
        // What the exporter's own namespace does not have is no gap in another, and processes are the machine's.
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
                && evaluated
                    .Readings.Append(evaluated.Own)
                    .All(static reading => (reading.Levels.Missing ?? reading.Shortfall)?.Outcome != Outcome.NotAsked)
                && levels.All(static level => !level.IsLimitNotAsked),
        };
    }
}
