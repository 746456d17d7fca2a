using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Timeline;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Problems;

/// <summary>One pool, judged.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Levels">Its levels; missing when it could not be read.</param>
/// <param name="Condition">How it stands: as its fullest level does, and unknown when some of it is and nothing is worse.</param>
/// <param name="Unread">What of it could not be read although it was asked for; null when nothing is missing.</param>
sealed record PoolState(Pool Pool, Reading<ImmutableArray<PoolLevel>> Levels, PoolCondition Condition, Missing? Unread);

/// <summary>Levels of one pool that are in trouble and that one remedy helps.</summary>
/// <param name="Worst">The worst of them.</param>
/// <param name="Also">The others.</param>
sealed record Trouble(Finding Worst, ImmutableArray<Finding> Also);

/// <summary>What a snapshot means: a pure function of it.</summary>
sealed class Diagnosis
{
    /// <summary>How many network namespaces beside the exporter's own are shown one by one, if nothing else is asked for.</summary>
    public const int NamespacesShown = ExporterFlags.NetnsWorstByDefault;

    readonly int _namespacesShown;

    Diagnosis(Snapshot snapshot, int namespacesShown, SymptomHistory history)
    {
        (Snapshot, _namespacesShown, History) = (snapshot, namespacesShown, history);
        var all = NamespaceView.Of(snapshot);
        var read = PoolCatalogue.All.Select(pool => (Pool: pool, Readings: ReadingsOf(pool, snapshot, all))).ToList();
        var judged = read.Select(static state => (state.Pool, Levels: LevelsOf(state.Readings).ToList())).ToList();

        // The worst are shown, so that nothing of those that are not is worse than what is.
        var worst = judged
            .SelectMany(static state => state.Levels, static (state, level) => (level.View, Condition: state.Pool.Judge(level.Level), Utilization: level.Level.Utilization ?? 0))
            .GroupBy(static level => level.View)
            .ToDictionary(static view => view.Key, static view => (view.Max(static level => level.Condition), view.Max(static level => level.Utilization)));
        SymptomLevels = SymptomLevels.Of(snapshot, all);
        var earlier = history.Before(snapshot.Time);
        var rising = SymptomLevels.Rising(earlier);
        var ranked = all
            .OrderByDescending(static view => view.Foreign is null)
            .ThenByDescending(view => (PoolCondition)Math.Max((int)worst.GetValueOrDefault(view).Item1, (int)rising.GetValueOrDefault(view.Name)))
            .ThenByDescending(view => worst.GetValueOrDefault(view).Item2)
            .ThenBy(static view => view.Name, StringComparer.Ordinal)
            .ToList();
        var shown = Math.Min(ranked.Count, namespacesShown + ranked.Count(static view => view.Foreign is null));
        Namespaces = [.. ranked.Take(shown)];
        OtherNamespaces = [.. ranked.Skip(shown)];

        var hidden = OtherNamespaces.ToHashSet();
        var unseen = NamespaceView.Unseen(snapshot);
        Pools = [.. read.Zip(judged, (state, levels) => StateOf(
            state.Pool, snapshot, state.Readings, unseen, [.. levels.Levels.Where(level => !hidden.Contains(level.View)).Select(static level => level.Level)]))];
        Findings =
        [
            .. from state in judged
               from level in state.Levels
               where !hidden.Contains(level.View)
               let condition = state.Pool.Judge(level.Level)
               orderby condition descending, level.Level.Utilization ?? 0 descending, level.Level.IsEffect
               select new Finding(state.Pool, level.Level, condition, level.View),
        ];

        Failures =
        [
            .. snapshot.Runs.Where(static run => run.Failure is not null).Select(static run => (run.Reader.Name, run.Failure!)),
            .. Isolated.MistakesIn(read
                .SelectMany(static state => state.Readings, static (state, reading) => (state.Pool.Name, reading.Levels.Missing))
                .Concat(SymptomLevels.Unread)),
        ];
        Symptoms = [.. SymptomLevels.Showing(earlier, Findings
            .Where(static finding => finding.Condition >= PoolCondition.Warning)
            .ToLookup(static finding => (finding.Pool.Name, finding.Level.Netns), static finding => finding.Pool))];
        var unshown = OtherNamespaces.Select(static view => view.Name).ToHashSet();
        Failing = [.. history.Until(SymptomLevels).Where(failing => !unshown.Contains(failing.Netns))];
    }

    /// <summary>What was judged.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>The network namespaces that are shown one by one: the exporter's own and the worst others.</summary>
    public ImmutableArray<NamespaceView> Namespaces { get; }

    /// <summary>The rest, of which only sums are shown.</summary>
    public ImmutableArray<NamespaceView> OtherNamespaces { get; }

    /// <summary>Every pool of the catalogue, in its order.</summary>
    public ImmutableArray<PoolState> Pools { get; }

    /// <summary>Every level of every pool, worst first; a cause before its effect.</summary>
    public ImmutableArray<Finding> Findings { get; }

    /// <summary>Every symptom that shows, worst first.</summary>
    public ImmutableArray<SymptomFinding> Symptoms { get; }

    /// <summary>Every failure of the last minutes, whether or not it shows now.</summary>
    public ImmutableArray<Failing> Failing { get; }

    /// <summary>Failures that no full pool explains, worst first.</summary>
    public IEnumerable<SymptomFinding> Unexplained => Symptoms.Where(static symptom => symptom is { Condition: >= PoolCondition.Warning, Cause: null });

    /// <summary>What could not be read, by reader, and what a mistake in a pool or symptom keeps from being said, by its name.</summary>
    public ImmutableArray<(string Name, Missing Why)> Failures { get; }

    /// <summary>All levels of the symptoms, for a later diagnosis to see what rose.</summary>
    public SymptomLevels SymptomLevels { get; }

    /// <summary>Their past, with which they were compared.</summary>
    public SymptomHistory History { get; }

    /// <summary>What is at least a warning, worst first, once for each remedy.</summary>
    public IEnumerable<Trouble> Troubles =>
        from finding in Findings
        where finding.Condition >= PoolCondition.Warning
        group finding by (finding.Pool.Name, finding.Remedy) into levels
        select new Trouble(levels.First(), [.. levels.Skip(1)]);

    /// <summary>Reason why the state of OpenClaw is not known although it was asked for; null when it is, or nobody asked.</summary>
    public Missing? RuntimeUnread => Snapshot.FailureOf<RuntimeStatus>();

    /// <summary>The worst condition of pools and symptoms; what could not be read counts only when nothing is worse.</summary>
    public PoolCondition Condition => Pools.Select(static state => state.Condition)
        .Concat(Symptoms.Select(static symptom => symptom.Condition))
        .Append(RuntimeUnread is null ? PoolCondition.Absent : PoolCondition.Unknown)
        .Max();

    /// <summary>Judges a snapshot.</summary>
    /// <param name="snapshot">What was read.</param>
    /// <param name="namespacesShown">How many network namespaces beside the exporter's own are shown one by one.</param>
    /// <param name="history">The symptoms of the minutes before, to see which rose; without them none did.</param>
    public static Diagnosis Of(Snapshot snapshot, int namespacesShown = NamespacesShown, SymptomHistory? history = null) => new(snapshot, namespacesShown, history ?? SymptomHistory.Empty);

    /// <summary>The same of a part of the snapshot.</summary>
    public Diagnosis Of(Snapshot part) => new(part, _namespacesShown, History);

    /// <summary>What shows because this pool is full.</summary>
    public IEnumerable<SymptomFinding> EffectsOf(Finding finding) => Symptoms.Where(symptom =>
        symptom.Cause == finding.Pool && (symptom.Netns.Length == 0 || finding.Level.Netns.Length == 0 || symptom.Netns == finding.Level.Netns));

    /// <summary>How one pool stands.</summary>
    public PoolState Of(Pool pool) => Pools.Single(state => ReferenceEquals(state.Pool, pool));

    /// <summary>Whether some pool or symptom of this code stands at least this badly.</summary>
    public bool Has(string code, PoolCondition atLeast) =>
        Pools.Any(state => state.Pool.Code == code && state.Condition >= atLeast)
        || Symptoms.Any(symptom => symptom.Alarm?.Code == code && symptom.Condition >= atLeast);

    /// <summary>A pool in each namespace, or the one that the machine has.</summary>
    static ImmutableArray<(NamespaceView View, Reading<ImmutableArray<PoolLevel>> Levels)> ReadingsOf(
        Pool pool, Snapshot snapshot, ImmutableArray<NamespaceView> namespaces) =>
        pool.Scope == PoolScope.Host
            ? [(new("", snapshot, null), pool.Read(snapshot))]
            : [.. namespaces.Select(view => (view, pool.Read(view.Snapshot)))];

    static IEnumerable<(PoolLevel Level, NamespaceView View)> LevelsOf(
        ImmutableArray<(NamespaceView View, Reading<ImmutableArray<PoolLevel>> Levels)> readings) =>
        from reading in readings
        from level in reading.Levels.TryGet(out var levels) ? levels : []
        let unread = level.Unread ?? (level.Limit is null ? reading.View.NotEntered : null)
        select (level with { Netns = level.Netns.Length > 0 ? level.Netns : reading.View.Name, Unread = unread }, reading.View);

    static PoolState StateOf(
        Pool pool, Snapshot snapshot, ImmutableArray<(NamespaceView View, Reading<ImmutableArray<PoolLevel>> Levels)> readings,
        Missing? unseen, ImmutableArray<PoolLevel> levels)
    {
        // What the exporter's own namespace does not have is no gap in another, and processes are the machine's.
        var own = readings is [var first, ..] && ReferenceEquals(first.View.Snapshot, snapshot) ? first.Levels : pool.Read(snapshot);
        var isAbsent = own.Missing is { Reason: Absence.NotPresent };
        var isInside = pool.Scope == PoolScope.NetworkNamespace && !pool.IsOfProcesses && !isAbsent;
        var unread = readings
            .Select(reading => reading.Levels.Missing is not { } missing ? pool.Shortfall(reading.View.Snapshot)
                : missing.Reason != Absence.NotPresent ? missing
                : isInside ? reading.View.NotEntered
                : null)
            .Concat(levels.Select(static level => level.Unread))
            .Append(isInside ? unseen : null)
            .FirstOrDefault(static missing => missing is not null);
        return new(
            pool,
            levels.IsEmpty && own.Missing is { } nothing ? nothing : levels,
            levels.Select(pool.Judge).Append(unread is not null ? PoolCondition.Unknown : isAbsent ? PoolCondition.Absent : PoolCondition.Ok).Max(),
            unread);
    }
}
