using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>Whose resource a pool is. A value is divided only by a limit of the same scope.</summary>
enum PoolScope
{
    /// <summary>Each network namespace has its own; its series carry the label <c>netns</c>.</summary>
    NetworkNamespace,

    /// <summary>The machine has one; no label <c>netns</c>.</summary>
    Host,

    /// <summary>
    /// A process, or several of one service, has it. It is read from the machine's processes for all network namespaces
    /// at once; its series carry the <c>netns</c> of the process.
    /// </summary>
    Process,
}

/// <summary>
/// A finite resource of the kernel: how much of it is used, of how much, and what to do when it runs out.
/// </summary>
sealed record Pool
{
    /// <summary>
    /// Its name, which is also its metric's: <c>openclaw_network_NAME</c> and <c>openclaw_network_NAME_limit</c>.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Its name in sentences, as a plural.</summary>
    public string Headline => Name.Replace('_', ' ');

    /// <summary>The thing that is counted, as a plural.</summary>
    public required string Unit { get; init; }

    /// <summary>What <see cref="PoolLevel.Used"/> counts, as a sentence.</summary>
    public required string UsedHelp { get; init; }

    /// <summary>What <see cref="PoolLevel.Limit"/> is, as a sentence.</summary>
    public required string LimitHelp { get; init; }

    /// <summary>The kernel files or requests it is read from.</summary>
    public required string Source { get; init; }

    /// <summary>Whose resource it is.</summary>
    public required PoolScope Scope { get; init; }

    /// <summary>The sysctls that bound it, the one to raise first; none where its limit is no sysctl.</summary>
    public ImmutableArray<string> Sysctls { get; init; } = [];

    /// <summary>The most levels that are shown of it in one network namespace; null where all are.</summary>
    public int? AtMost { get; init; }

    /// <summary>Labels of its own, in the order of <see cref="PoolLevel.Labels"/>.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>The utilisation from which it is a warning, between 0 and 1.</summary>
    public required double WarningRatio { get; init; }

    /// <summary>The utilisation from which it is critical, between 0 and 1.</summary>
    public required double CriticalRatio { get; init; }

    /// <summary>
    /// The utilisation at which it has run out, between 0 and 1; less than 1 where the kernel refuses before the limit.
    /// </summary>
    public double EndRatio { get; init; } = 1;

    /// <summary>The OpenClaw error code that its exhaustion shows as.</summary>
    public required string Code { get; init; }

    /// <summary>
    /// What to do in general, with the command that changes the running system: the text of its alerts.
    /// </summary>
    public required string Remedy { get; init; }

    /// <summary>
    /// What to do about one level, computed from the reading; null when there is no more to say than in general.
    /// </summary>
    public Func<NamespaceView, PoolLevel, Remedy>? RemedyFor { get; init; }

    /// <summary>
    /// Its levels in a network namespace, one for each set of label values; missing when the kernel gave none.
    /// </summary>
    public required Func<NamespaceView, Reading<ImmutableArray<PoolLevel>>> Read { get; init; }

    /// <summary>What of it could not be read although it has levels; null when nothing is missing.</summary>
    public Func<NamespaceView, Missing?> Shortfall { get; init; } = static _ => null;

    /// <summary>How a level stands.</summary>
    public PoolCondition Judge(PoolLevel level) =>
        level.Unread is null ? Judge(level.Utilization) : PoolCondition.Unknown;

    /// <summary>There is one of each: to compare all its texts takes longer than to read it.</summary>
    public bool Equals(Pool? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    /// <summary>How it stands at a utilisation; null, which is without a limit, cannot run out.</summary>
    public PoolCondition Judge(double? utilization)
    {
        if (utilization >= CriticalRatio)
            return PoolCondition.Critical;
        return utilization >= WarningRatio ? PoolCondition.Warning : PoolCondition.Ok;
    }
}

/// <summary>How full one instance of a pool is.</summary>
/// <param name="Used">What is used, in the pool's unit.</param>
/// <param name="Limit">What there is; null when it could not be read. A negative one, and LONG_MAX or more, is
/// none.</param>
/// <param name="About">The destination, process, listener or whatever else it is the level of.</param>
sealed record PoolLevel(double Used, double? Limit, Subject About)
{
    /// <summary>The name of the subject; empty when the pool has no such thing.</summary>
    public string Subject => About.Name;

    /// <summary>Values of the pool's own labels.</summary>
    public ImmutableArray<string> Labels => About.Labels;

    /// <summary>What there is, in the pool's unit; null when it is unlimited or could not be read.</summary>
    public double? Limit { get; init; } = Limit is < 0 or >= long.MaxValue ? null : Limit;

    /// <summary>The network namespace whose it is; empty for what the machine has once.</summary>
    public string Netns { get; init; } = "";

    /// <summary>The process that holds it; null when it is not one process.</summary>
    public int? Pid => About.Pid;

    /// <summary>
    /// Whether most of what is used was used up through another pool, so that this one is full as an effect. Of two
    /// that are equally full the other one is the cause, and comes first.
    /// </summary>
    public bool IsEffect { get; init; }

    /// <summary>Why its limit, which is there, could not be read; null when it was read, or there is none.</summary>
    public Missing? Unread { get; init; }

    /// <summary>True where nobody asked for its limit, so that nothing is known of how full it is.</summary>
    public bool IsLimitNotAsked { get; init; }

    /// <summary>
    /// A level whose limit was read apart from what is used, and may be in a <paramref name="unit"/> of the kernel's
    /// own.
    /// </summary>
    public static PoolLevel From(double used, Reading<long?> limit, Subject about, int unit = 1) =>
        new(used, limit.TryGet(out var value) ? value * (double)unit : null, about)
        {
            Unread = limit.Missing is { IsUnseen: true } missing ? missing : null,
            IsLimitNotAsked = limit.Outcome == Outcome.NotAsked,
        };

    /// <summary>Used by limit, at most 1; null without a limit. A limit of 0 is full.</summary>
    public double? Utilization =>
        Limit switch
        {
            null => null,
            0 => 1,
            var limit => Math.Min(Used / limit.Value, 1),
        };
}
