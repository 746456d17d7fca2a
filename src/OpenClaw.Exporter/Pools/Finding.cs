using System.Collections.Immutable;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Pools;

/// <summary>One level of a pool, judged, with what to do about it.</summary>
/// <param name="pool">The pool.</param>
/// <param name="level">The level.</param>
/// <param name="condition">How it stands.</param>
/// <param name="view">The network namespace it was read in.</param>
sealed class Finding(Pool pool, PoolLevel level, PoolCondition condition, NamespaceView view)
{
    Remedy? _remedy;

    /// <summary>The pool.</summary>
    public Pool Pool => pool;

    /// <summary>The level.</summary>
    public PoolLevel Level => level;

    /// <summary>How it stands.</summary>
    public PoolCondition Condition => condition;

    /// <summary>The codes that its exhaustion shows as, its own first.</summary>
    public ImmutableArray<string> Codes => ClwCodes.ShownBy(pool.Code);

    /// <summary>What to do; computed when it is first asked for, since metrics have no use for it.</summary>
    public Remedy Remedy => _remedy ??= Compute();

    Remedy Compute()
    {
        var remedy = pool.RemedyFor?.Invoke(view.Snapshot, level) ?? new(pool.Remedy);
        return view.Foreign is { } netns ? remedy.In(netns)
            : view.Snapshot.Get<PersistedSysctls>().TryGet(out var persisted) ? remedy.With(persisted)
            : remedy;
    }
}
