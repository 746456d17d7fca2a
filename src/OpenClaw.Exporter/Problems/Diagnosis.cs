using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Problems;

/// <summary>The conclusions from a snapshot. It depends only on the snapshot and the timeline.</summary>
sealed class Diagnosis
{
    /// <summary>The default number of further network namespaces that are shown one by one.</summary>
    public const int NamespacesShown = ExporterFlags.NetnsWorstByDefault;

    readonly int _namespacesShown;
    readonly Timeline _earlier;
    readonly SymptomLevels _symptoms;
    readonly HashSet<string> _further;
    readonly ImmutableArray<RecentFailure> _failures;

    ImmutableArray<Problem> _problems;
    Timeline? _timeline;

    Diagnosis(Evaluation evaluation, int namespacesShown, Timeline earlier)
    {
        earlier = earlier.On(evaluation.Snapshot.Clock);
        (Evaluation, _namespacesShown, _earlier) = (evaluation, namespacesShown, earlier);
        var all = evaluation.Namespaces;
        var judged = (
            from pool in evaluation.Pools
            from reading in pool.Readings
            from level in reading.Levels.TryGet(out var levels) ? levels : []
            select (pool.Pool, Level: level, reading.View, Condition: pool.Pool.Judge(level))
        ).ToList();

        // The worst namespaces are shown. So no hidden namespace is worse than a shown one.
        var worst = judged
            .GroupBy(static level => level.View)
            .ToDictionary(
                static view => view.Key,
                static view =>
                    (view.Max(static level => level.Condition), view.Max(static level => level.Level.Utilization ?? 0))
            );
        _symptoms = new(evaluation);
        var showing = _symptoms.Showing(earlier.Before(Snapshot.Time)).ToList();
        var rising = showing
            .Where(static rise => rise.Sample is { Alert: not null, Symptom.IsCounter: true })
            .GroupBy(static rise => rise.Sample.Netns, static rise => rise.Sample.Alert!.Severity)
            .ToDictionary(static netns => netns.Key, static netns => netns.Max());
        var ranked = all.OrderByDescending(static view => view.IsOwn)
            .ThenByDescending(view =>
                (PoolCondition)
                    Math.Max((int)worst.GetValueOrDefault(view).Item1, (int)rising.GetValueOrDefault(view.Name))
            )
            .ThenByDescending(view => worst.GetValueOrDefault(view).Item2)
            .ThenBy(static view => view.Name, StringComparer.Ordinal)
            .ToList();
        var shown = Math.Min(ranked.Count, namespacesShown + ranked.Count(static view => view.IsOwn));
        Namespaces = [.. ranked.Take(shown)];
        _further = [.. Namespaces.Skip(1).Select(static view => view.Name)];
        OtherNamespaces = [.. ranked.Skip(shown)];

        var hidden = OtherNamespaces.ToHashSet();
        var unseen = Snapshot.Unseen ?? UnseenGateway.Find(Snapshot);
        var visible = judged
            .Where(level => !hidden.Contains(level.View))
            .ToLookup(static level => level.Pool, static level => level.Level);
        Pools = [.. evaluation.Pools.Select(pool => PoolState.Judge(pool, unseen, [.. visible[pool.Pool]]))];
        Findings =
        [
            .. from level in judged
            where !hidden.Contains(level.View)
            orderby level.Condition descending, level.Level.Utilization ?? 0 descending, level.Level.IsEffect
            select new Finding(level.Pool, level.Level, level.Condition, level.View),
        ];

        Failures =
        [
            .. Snapshot
                .Runs.Where(static run => run.Failure is not null)
                .Select(static run => (run.Reader.Name, run.Failure!)),
            .. evaluation.Mistakes,
        ];
        var causes = Findings
            .Where(static finding => finding.Condition >= PoolCondition.Warning)
            .Select(static finding => (finding.Pool, finding.Level.Netns))
            .ToHashSet();
        var before = earlier.JustBefore(Snapshot.Time);
        Symptoms =
        [
            .. from symptom in showing
            let sample = symptom.Sample
            let cause = sample.Alert?.Causes.FirstOrDefault(pool =>
                causes.Contains((pool, sample.Netns)) || causes.Contains((pool, ""))
            )
            let phase = _symptoms.IsFailing(sample, before) ? Phase.Failing : Phase.Over
            orderby phase descending
            select new SymptomFinding(sample, symptom.Increase, symptom.Over, cause) { Phase = phase },
        ];
        var unshown = OtherNamespaces.Select(static view => view.Name).ToHashSet();
        _failures = earlier.FailuresUntil(_symptoms);
        var recent = _failures.Where(failure => failure.Symptoms.Overlaps(_symptoms.Present)).ToList();
        Over = [.. PastFailure.Collect(Symptoms, recent).Where(past => !unshown.Contains(past.Netns))];
        RecentFailures =
        [
            .. recent.Where(failure => failure.IsRecent(Snapshot.Time) && !unshown.Contains(failure.Netns)),
        ];
    }

    /// <summary>The pools and symptoms that were judged.</summary>
    public Evaluation Evaluation { get; }

    /// <summary>The snapshot that the pools and symptoms were read from.</summary>
    public Snapshot Snapshot => Evaluation.Snapshot;

    /// <summary>The network namespaces that are shown one by one: the exporter's own and the worst others.</summary>
    public ImmutableArray<NamespaceView> Namespaces { get; }

    /// <summary>
    /// The namespace for values that are shown once: the exporter's own where it was requested, else the requested one.
    /// </summary>
    public NamespaceView Primary => Namespaces.FirstOrDefault() ?? Snapshot.Own;

    /// <summary>Returns true for a network namespace that is shown beside the primary one.</summary>
    public bool IsFurther(string netns) => _further.Contains(netns);

    /// <summary>The other network namespaces. Only their sums are shown.</summary>
    public ImmutableArray<NamespaceView> OtherNamespaces { get; }

    /// <summary>Every pool of the catalogue, in its order.</summary>
    public ImmutableArray<PoolState> Pools { get; }

    /// <summary>Every level of every pool, worst first; a cause before its effect.</summary>
    public ImmutableArray<Finding> Findings { get; }

    /// <summary>Every symptom that shows, worst first.</summary>
    public ImmutableArray<SymptomFinding> Symptoms { get; }

    /// <summary>Every failure of the last five minutes that is over.</summary>
    public ImmutableArray<PastFailure> Over { get; }

    /// <summary>Every failure of the last minutes, even if it does not show now.</summary>
    public ImmutableArray<RecentFailure> RecentFailures { get; }

    /// <summary>
    /// The problems, worst first. They are built at the first access, because metrics do not need them.
    /// </summary>
    public ImmutableArray<Problem> Problems => _problems.IsDefault ? _problems = ProblemList.Create(this) : _problems;

    /// <summary>
    /// The reason why the state of OpenClaw is unknown although it was requested; null when it is known, or was not
    /// requested.
    /// </summary>
    public Missing? RuntimeUnread => Snapshot.FailureOf<RuntimeStatus>();

    /// <summary>Failures that no full pool explains, worst first.</summary>
    public IEnumerable<SymptomFinding> Unexplained =>
        Symptoms.Where(static symptom => symptom is { Condition: >= PoolCondition.Warning, Cause: null });

    /// <summary>The readers that could not read, and the pools and symptoms with a bug, by name.</summary>
    public ImmutableArray<(string Name, Missing Why)> Failures { get; }

    /// <summary>
    /// The timeline up to this diagnosis: the earlier one that it was compared with, and its own evaluation.
    /// </summary>
    public Timeline Timeline =>
        _timeline ??= _earlier.With(
            _symptoms,
            _failures,
            Findings.Select(static finding => (finding.Pool, finding.Level))
        );

    /// <summary>
    /// The worst condition of pools and symptoms. An unreadable pool counts only when no condition is worse.
    /// </summary>
    public PoolCondition Condition =>
        Pools
            .Select(static state => state.Condition)
            .Concat(Symptoms.Select(static symptom => symptom.Condition))
            .Append(
                RuntimeUnread is null && Evaluation.UnreadSymptom is null ? PoolCondition.Absent : PoolCondition.Unknown
            )
            .Max();

    /// <summary>Makes the diagnosis of a snapshot.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="namespacesShown">The number of namespaces besides the own one that are shown one by one.</param>
    /// <param name="earlier">The evaluations of the last minutes. Without them, no counter rose.</param>
    /// <param name="thresholds">The thresholds of the pools; null for those of the catalogue.</param>
    public static Diagnosis Judge(
        Snapshot snapshot,
        int namespacesShown = NamespacesShown,
        Timeline? earlier = null,
        PoolThresholds? thresholds = null
    ) => Judge(Evaluation.Evaluate(snapshot, thresholds), namespacesShown, earlier);

    /// <summary>Makes the diagnosis of an evaluation.</summary>
    /// <param name="evaluation">The pools and symptoms of a snapshot.</param>
    /// <param name="namespacesShown">The number of namespaces besides the own one that are shown one by one.</param>
    /// <param name="earlier">The evaluations of the last minutes. Without them, no counter rose.</param>
    public static Diagnosis Judge(
        Evaluation evaluation,
        int namespacesShown = NamespacesShown,
        Timeline? earlier = null
    ) => new(evaluation, namespacesShown, earlier ?? Timeline.Empty);

    /// <summary>Makes the diagnosis of a part of the snapshot.</summary>
    public Diagnosis JudgePart(Snapshot part) =>
        new(Evaluation.Evaluate(part, Evaluation.Thresholds), _namespacesShown, _earlier);

    /// <summary>Returns the symptoms that this full pool causes.</summary>
    public IEnumerable<SymptomFinding> EffectsOf(Finding finding) =>
        Symptoms.Where(symptom =>
            symptom.Cause == finding.Pool
            && (symptom.Netns.Length == 0 || finding.Level.Netns.Length == 0 || symptom.Netns == finding.Level.Netns)
        );

    /// <summary>Returns the state of one pool.</summary>
    public PoolState StateOf(Pool pool) => Pools.Single(state => ReferenceEquals(state.Pool, pool));

    /// <summary>
    /// Returns true where some pool or symptom of this code has at least this condition, and false where none has. Null
    /// where a pool of the code or a symptom is unknown or was not requested. Symptoms that need a capability are
    /// ignored: without it there would never be an answer.
    /// </summary>
    public bool? Stands(string code, PoolCondition atLeast)
    {
        if (Has(code, atLeast))
            return true;
        var isSeen =
            !Snapshot.IsPart
            && Pools.All(state => state.Pool.Code != code || state.IsSeen)
            && Evaluation.Symptoms.All(static reading =>
                reading.Symptom.Capability.Length > 0
                || (
                    reading.Unread is not { IsUnseen: true }
                    && !(reading.View.IsOwn && reading.Levels.Outcome == Outcome.Gone)
                )
            );
        return isSeen ? false : null;
    }

    /// <summary>Returns true where some pool or symptom of this code has at least this condition.</summary>
    public bool Has(string code, PoolCondition atLeast) =>
        Pools.Any(state => state.Pool.Code == code && state.Condition >= atLeast)
        || Symptoms.Any(symptom => symptom.Alert?.Code == code && symptom.Condition >= atLeast);
}
