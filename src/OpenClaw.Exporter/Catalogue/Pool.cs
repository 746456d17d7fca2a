using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// The scope of a pool: the owner of the resource. A value is divided only by a limit of the same scope.
/// </summary>
enum PoolScope
{
    /// <summary>Each network namespace has its own resource. The series have the label <c>netns</c>.</summary>
    NetworkNamespace,

    /// <summary>The machine has one resource. The series have no label <c>netns</c>.</summary>
    Host,

    /// <summary>
    /// A process, or several processes of one service, have the resource. It is read from the machine's processes for
    /// all network namespaces at once. The series have the <c>netns</c> of the process.
    /// </summary>
    Process,
}

/// <summary>A finite resource of the kernel: its use, its limit, and the remedy when it is exhausted.</summary>
sealed record Pool
{
    /// <summary>
    /// The name, from which the metrics are named: <c>openclaw_network_NAME</c> and <c>openclaw_network_NAME_limit</c>.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The name in sentences, as a plural.</summary>
    public string Headline => Titles.Words(Name);

    /// <summary>The name as the title of a row.</summary>
    public string Title => Titles.From(Name);

    /// <summary>The resource in a few plain words, as the heading of its row.</summary>
    public string Label
    {
        get => field ?? Title;
        init;
    }

    /// <summary>The thing that is counted, as a plural.</summary>
    public required string Unit { get; init; }

    /// <summary>The meaning of <see cref="PoolLevel.Used"/>, as a sentence.</summary>
    public required string UsedHelp { get; init; }

    /// <summary>The meaning of <see cref="PoolLevel.Limit"/>, as a sentence.</summary>
    public required string LimitHelp { get; init; }

    /// <summary>The kernel files or requests that it is read from.</summary>
    public required string Source { get; init; }

    /// <summary>True where each connection takes from it, so that a load test tells whether it is free again.</summary>
    public bool IsOfConnections { get; init; }

    /// <summary>The scope.</summary>
    public required PoolScope Scope { get; init; }

    /// <summary>The sysctls that limit it, the one to raise first; none where the limit is no sysctl.</summary>
    public ImmutableArray<string> Sysctls { get; init; } = [];

    /// <summary>The limit on levels that are shown in one network namespace; null where all are.</summary>
    public int? AtMost { get; init; }

    /// <summary>The pool's own labels, in the order of <see cref="PoolLevel.Labels"/>.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>The utilisation from which the condition is a warning, between 0 and 1.</summary>
    public required double WarningRatio { get; init; }

    /// <summary>The utilisation from which the condition is critical, between 0 and 1.</summary>
    public required double CriticalRatio { get; init; }

    /// <summary>
    /// The utilisation at which the pool is exhausted, between 0 and 1; less than 1 where the kernel refuses before the
    /// limit.
    /// </summary>
    public double EndRatio { get; init; } = 1;

    /// <summary>The OpenClaw error code of its exhaustion.</summary>
    public required string Code { get; init; }

    /// <summary>
    /// The general remedy, with the command that changes the running system. It is the text of its alerts.
    /// </summary>
    public required string Remedy { get; init; }

    /// <summary>
    /// Returns the remedy for one level, computed from the reading; null when only the general remedy applies.
    /// </summary>
    public Func<NamespaceView, PoolLevel, Remedy>? RemedyFor { get; init; }

    /// <summary>
    /// Returns the holders of a level that is at a threshold; none where they are not known.
    /// </summary>
    public Func<NamespaceView, PoolLevel, LevelHolders> HoldersOf { get; init; } = static (_, _) => LevelHolders.None;

    /// <summary>
    /// Reads the levels in a network namespace, one for each set of label values; missing when the kernel returned
    /// none.
    /// </summary>
    public required Func<NamespaceView, Reading<ImmutableArray<PoolLevel>>> Read { get; init; }

    /// <summary>
    /// Returns the part that could not be read although there are levels; null when nothing is missing.
    /// </summary>
    public Func<NamespaceView, Missing?> Shortfall { get; init; } = static _ => null;

    /// <summary>The thresholds of the catalogue.</summary>
    public Thresholds Thresholds => new(WarningRatio, CriticalRatio);

    /// <summary>Returns the thresholds of a level: those that an operator set, else those of the catalogue.</summary>
    public Thresholds ThresholdsOf(PoolLevel level) => level.Thresholds ?? Thresholds;

    /// <summary>Returns the condition of a level.</summary>
    public PoolCondition Judge(PoolLevel level) =>
        level.Unread is null ? ThresholdsOf(level).Judge(level.Utilization) : PoolCondition.Unknown;

    /// <summary>
    /// Compares references. Each pool exists once, and a comparison of all its texts takes longer than a reading.
    /// </summary>
    public bool Equals(Pool? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    /// <summary>Returns the condition at a utilisation by the thresholds of the catalogue.</summary>
    public PoolCondition Judge(double? utilization) => Thresholds.Judge(utilization);
}

/// <summary>The level of one instance of a pool.</summary>
/// <param name="Used">The used amount, in the pool's unit.</param>
/// <param name="Limit">The limit; null when it could not be read. A negative one, and LONG_MAX or more, means no
/// limit.</param>
/// <param name="About">The subject of the level, such as a destination, process or listener.</param>
sealed record PoolLevel(double Used, double? Limit, Subject About)
{
    /// <summary>The name of the subject; empty when the pool has no subject.</summary>
    public string Subject => About.Name;

    /// <summary>The values of the pool's own labels.</summary>
    public ImmutableArray<string> Labels => About.Labels;

    /// <summary>The limit, in the pool's unit; null when there is none or it could not be read.</summary>
    public double? Limit { get; init; } = Limit is < 0 or >= long.MaxValue ? null : Limit;

    /// <summary>The network namespace of the level; empty for a resource of the whole machine.</summary>
    public string Netns { get; init; } = "";

    /// <summary>The process that holds the resource; null when it is not one process.</summary>
    public int? Pid => About.Pid;

    /// <summary>The thresholds that an operator set for it; null where they are those of the catalogue.</summary>
    public Thresholds? Thresholds { get; init; }

    /// <summary>
    /// True where another pool caused most of the use, so that this pool is full as an effect. When both are equally
    /// full, the other pool is the cause and comes first.
    /// </summary>
    public bool IsEffect { get; init; }

    /// <summary>
    /// True for the IPv6 wildcard where the IPv4 wildcard has the same numbers. Metrics do not repeat them.
    /// </summary>
    public bool IsRepeated { get; init; }

    /// <summary>
    /// The reason why the limit exists but could not be read; null when it was read or there is none.
    /// </summary>
    public Missing? Unread { get; init; }

    /// <summary>True where the limit was not requested, so that the utilisation is unknown.</summary>
    public bool IsLimitNotAsked { get; init; }

    /// <summary>
    /// Creates a level whose limit was read separately. The limit may be in a <paramref name="unit"/> of the kernel,
    /// such as a page.
    /// </summary>
    public static PoolLevel From(double used, Reading<long?> limit, Subject about, int unit = 1) =>
        new(used, limit.TryGet(out var value) ? value * (double)unit : null, about)
        {
            Unread = limit.Missing is { IsUnseen: true } missing ? missing : null,
            IsLimitNotAsked = limit.Outcome == Outcome.NotAsked,
        };

    /// <summary>The used amount divided by the limit, at most 1; null without a limit. A limit of 0 is full.</summary>
    public double? Utilization =>
        Limit switch
        {
            null => null,
            0 => 1,
            var limit => Math.Min(Used / limit.Value, 1),
        };
}
