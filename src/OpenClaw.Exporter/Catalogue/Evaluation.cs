using System.Collections.Immutable;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The levels of a pool in one network namespace.</summary>
/// <param name="View">The namespace, or the machine.</param>
/// <param name="Levels">The levels, each with its namespace; missing when they could not be read.</param>
/// <param name="Shortfall">The part that could not be read although there are levels; null when nothing is
/// missing.</param>
sealed record PoolReading(NamespaceView View, Reading<ImmutableArray<PoolLevel>> Levels, Missing? Shortfall);

/// <summary>A pool, read in every namespace that has it.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Own">The reading in the exporter's own namespace, or of the machine. Present even where that namespace
/// was not requested.</param>
/// <param name="Readings">The readings in the requested namespaces.</param>
sealed record PoolEvaluation(Pool Pool, PoolReading Own, ImmutableArray<PoolReading> Readings);

/// <summary>The levels of a symptom in one network namespace.</summary>
/// <param name="Symptom">The symptom.</param>
/// <param name="View">The namespace, or the machine.</param>
/// <param name="Levels">The levels; missing when they could not be read.</param>
/// <param name="Shortfall">The part that could not be read although there are levels; null when nothing is
/// missing.</param>
sealed record SymptomReading(
    Symptom Symptom,
    NamespaceView View,
    Reading<ImmutableArray<SymptomLevel>> Levels,
    Missing? Shortfall
)
{
    /// <summary>The reason why the symptom or a part of it could not be read; null when nothing is missing.</summary>
    public Missing? Unread => Levels.Missing ?? Shortfall;
}

/// <summary>
/// Every pool and symptom of a snapshot, each read once in each network namespace, or once for the machine. After a bug
/// in a pool or symptom, only its own result is missing, with the reason.
/// </summary>
sealed class Evaluation
{
    readonly Dictionary<string, Missing> _mistakes = [];

    Evaluation(
        Snapshot snapshot,
        ImmutableArray<Pool> pools,
        ImmutableArray<Symptom> symptoms,
        PoolThresholds? thresholds
    )
    {
        Snapshot = snapshot;
        Thresholds = thresholds ?? PoolThresholds.Standard;
        Machine = snapshot.WholeMachine;
        Namespaces = snapshot.Namespaces;
        Own = snapshot.Own;
        Pools = [.. pools.Select(Evaluated)];
        Symptoms =
        [
            .. from symptom in symptoms
            from view in symptom.Scope == PoolScope.Host ? [Machine] : Namespaces
            select Evaluated(symptom, view),
        ];
        ByPool = Pools.ToDictionary(static evaluated => evaluated.Pool);
        BySymptom = Symptoms.ToLookup(static reading => reading.Symptom);
    }

    /// <summary>The snapshot that was evaluated.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>The thresholds of the pools.</summary>
    public PoolThresholds Thresholds { get; }

    /// <summary>The machine, whose pools have no namespace.</summary>
    public NamespaceView Machine { get; }

    /// <summary>The exporter's own namespace.</summary>
    public NamespaceView Own { get; }

    /// <summary>The requested namespaces, the exporter's own first.</summary>
    public ImmutableArray<NamespaceView> Namespaces { get; }

    /// <summary>Every pool, in the order of the catalogue.</summary>
    public ImmutableArray<PoolEvaluation> Pools { get; }

    /// <summary>The evaluations by pool.</summary>
    public IReadOnlyDictionary<Pool, PoolEvaluation> ByPool { get; }

    /// <summary>Every symptom in every namespace, in the order of the catalogue.</summary>
    public ImmutableArray<SymptomReading> Symptoms { get; }

    /// <summary>
    /// The first counter of the machine, or of a network namespace that was entered, that could not be read although no
    /// right is missing; null where there is none.
    /// </summary>
    public SymptomReading? UnreadSymptom =>
        Symptoms.FirstOrDefault(static reading =>
            reading is { Symptom: { Capability: "", IsCountedFromStart: false }, View.NotEntered: null }
            && reading.Unread is { Reason: Absence.Failed or Absence.Malformed }
        );

    /// <summary>The readings by symptom.</summary>
    public ILookup<Symptom, SymptomReading> BySymptom { get; }

    /// <summary>The pools and symptoms that could not be read because of a bug in the exporter, by name.</summary>
    public IEnumerable<(string Name, Missing Why)> Mistakes =>
        _mistakes.Select(static mistake => (mistake.Key, mistake.Value));

    /// <summary>Reads all pools and symptoms.</summary>
    public static Evaluation Evaluate(Snapshot snapshot, PoolThresholds? thresholds = null) =>
        new(snapshot, PoolCatalogue.All, SymptomCatalogue.All, thresholds);

    /// <summary>Reads some pools and symptoms.</summary>
    public static Evaluation Evaluate(
        Snapshot snapshot,
        ImmutableArray<Pool> pools,
        ImmutableArray<Symptom> symptoms,
        PoolThresholds? thresholds = null
    ) => new(snapshot, pools, symptoms, thresholds);

    PoolEvaluation Evaluated(Pool pool)
    {
        var own = Read(pool, pool.Scope == PoolScope.Host ? Machine : Own);
        ImmutableArray<NamespaceView> views = pool.Scope switch
        {
            PoolScope.Host => [own.View],
            PoolScope.Process => [Own],
            _ => Namespaces,
        };
        if (pool.Scope == PoolScope.Process && !Namespaces.Contains(Own))
            own = own with { Levels = own.Levels.Select(OfShown) };
        return new(pool, own, [.. views.Select(view => view == own.View ? own : Read(pool, view))]);
    }

    /// <summary>Returns the levels of processes whose network namespace was requested.</summary>
    ImmutableArray<PoolLevel> OfShown(ImmutableArray<PoolLevel> levels) =>
        levels.RemoveAll(level => Namespaces.All(view => view.Name != level.Netns));

    SymptomReading Evaluated(Symptom symptom, NamespaceView view)
    {
        var levels = Guarded(symptom.Name, () => ReadSymptom(symptom, view));
        return new(symptom, view, levels, levels.Missing is null ? symptom.Shortfall(view) : null);
    }

    PoolReading Read(Pool pool, NamespaceView view)
    {
        var levels = Guarded(pool.Name, () => pool.Read(view))
            .Select(levels =>
                ImmutableArray.CreateRange(levels, level =>
                    level with
                    {
                        Netns = level.Netns.Length > 0 ? level.Netns : view.Name,
                        Thresholds = Thresholds.ForLevel(pool, level),
                        Unread = level.Unread ?? (level.Limit is null ? view.NotEntered : null),
                    }
                )
            );
        if (levels.Missing is not null)
            return new(view, levels, null);
        var whole = Guarded<bool>(pool.Name, () => pool.Shortfall(view) is { } shortfall ? shortfall : true);
        return new(view, levels, whole.Missing);
    }

    /// <summary>
    /// Reads a symptom. Failures of connection tracking get the alert that the fill of the table calls for.
    /// </summary>
    Reading<ImmutableArray<SymptomLevel>> ReadSymptom(Symptom symptom, NamespaceView view)
    {
        var read = symptom.Read(view);
        return ConntrackAlerts.ByFill(symptom.Alert, view, Thresholds) is { } alert
            ? read.Select(levels => ImmutableArray.CreateRange(levels, level => level with { Alert = alert }))
            : read;
    }

    /// <summary>
    /// Calls a reader. An exception becomes a missing value that names the pool or symptom with the bug.
    /// </summary>
    Reading<T> Guarded<T>(string name, Func<Reading<T>> read)
    {
        try
        {
            return read();
        }
#pragma warning disable CA1031 // One pool's bug must not take everybody's metrics with it.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            var mistake = new Missing(Absence.Failed, $"{name}: {OneLine.From(bug)}");
            _ = _mistakes.TryAdd(name, mistake);
            return mistake;
        }
    }
}
