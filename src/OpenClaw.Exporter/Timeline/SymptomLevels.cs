using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Timeline;

/// <summary>Every symptom at one moment, to see later what rose.</summary>
sealed class SymptomLevels
{
    /// <summary>
    /// A first message may be stamped so long before it is read: the kernel's log has a clock of its own, which runs away from
    /// the wall's by seconds in months.
    /// </summary>
    static readonly TimeSpan LogClockError = TimeSpan.FromMinutes(1);

    readonly ImmutableArray<Shown> _all;
    readonly Dictionary<SymptomKey, double> _values;

    SymptomLevels(DateTimeOffset time, ImmutableArray<Shown> all, ImmutableHashSet<string> present, ImmutableArray<(string Name, Missing? Missing)> unread)
    {
        (Time, _all, Present, Unread) = (time, all, present, unread);
        _values = all
            .GroupBy(static shown => shown.Key, static shown => shown.Level.Value)
            .ToDictionary(static level => level.Key, static level => level.Max());
    }

    /// <summary>When.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The symptoms that some namespace has, whether they have a level, or could be read this time, or not.</summary>
    public ImmutableHashSet<string> Present { get; }

    /// <summary>The symptoms that could not be read, and why.</summary>
    public ImmutableArray<(string Name, Missing? Missing)> Unread { get; }

    /// <summary>Those of a snapshot.</summary>
    public static SymptomLevels Of(Snapshot snapshot, ImmutableArray<NamespaceView> namespaces)
    {
        var read = (
            from symptom in SymptomCatalogue.All
            from view in symptom.Scope == PoolScope.Host ? [new("", snapshot, null)] : namespaces
            select (Symptom: symptom, Netns: view.Name, Levels: symptom.Read(view.Snapshot))).ToList();
        var all =
            from reading in read
            from level in reading.Levels.TryGet(out var levels) ? levels : []
            let named = reading.Symptom.Labels.IndexOf("netns")
            let netns = named < 0 ? reading.Netns : level.Labels[named]

            // The kernel's log is the machine's: what it says of a namespace that is not looked into is worth knowing and no more.
            let isOurs = named < 0 || netns.Length == 0 || namespaces.Any(view => view.Name == netns)
            select new Shown(reading.Symptom, netns, level, isOurs ? level.Alarm ?? reading.Symptom.Alarm(level.Labels) : null);
        return new(
            snapshot.Time, [.. all],
            [.. read.Where(static reading => reading.Levels.Missing?.Reason != Absence.NotPresent).Select(static reading => reading.Symptom.Name)],
            [.. read.Where(static reading => reading.Levels.Missing is not null).Select(static reading => (reading.Symptom.Name, reading.Levels.Missing))]);
    }

    /// <summary>How bad the counters are that rose since an earlier moment, by network namespace; nothing of those without any.</summary>
    public Dictionary<string, PoolCondition> Rising(SymptomLevels? earlier) => _all
        .Where(shown => shown.Alarm is not null && shown.Symptom.IsCounter && Increase(earlier, shown) > 0)
        .GroupBy(static shown => shown.Netns, static shown => shown.Alarm!.Severity)
        .ToDictionary(static netns => netns.Key, static netns => netns.Max());

    /// <summary>What shows now: counters that rose since an earlier moment, and states that are bad.</summary>
    /// <param name="earlier">The earlier moment; without one nothing is known of counters.</param>
    /// <param name="causes">The pools that are in trouble, by network namespace.</param>
    public IEnumerable<SymptomFinding> Showing(SymptomLevels? earlier, ILookup<(Pool Pool, string Netns), Pool> causes) =>
        from shown in _all
        let increase = shown.Symptom.IsCounter ? Increase(earlier, shown) : 0
        where shown.Symptom.IsCounter ? increase > 0 : shown.Symptom.ShowsIn(shown.Level.Value, Time)
        let alarm = shown.Alarm
        let cause = alarm?.Causes.SelectMany(pool => causes[(pool, shown.Netns)].Concat(causes[(pool, "")])).FirstOrDefault()
        orderby alarm?.Severity ?? PoolCondition.Ok descending, increase descending
        select new SymptomFinding(shown.Symptom, shown.Netns, shown.Level.Labels, increase, shown.Symptom.IsCounter ? Time - earlier!.Time : default, alarm, cause);

    /// <summary>What has shown since an earlier moment: counters that rose, messages that are new, and states that are bad.</summary>
    public IEnumerable<Shown> Since(SymptomLevels earlier) => _all.Where(shown =>
        shown.Symptom.IsCounter ? Increase(earlier, shown) > 0
        : shown.Symptom.IsTime ? shown.Level.Value > earlier._values.GetValueOrDefault(shown.Key, (earlier.Time - LogClockError).ToUnixTimeSeconds())
        : shown.Symptom.ShowsIn(shown.Level.Value, Time));

    static double Increase(SymptomLevels? earlier, Shown shown) =>
        earlier is not null && earlier._values.TryGetValue(shown.Key, out var before) ? shown.Level.Value - before : 0;
}

/// <summary>One level of a symptom, in its place.</summary>
/// <param name="Symptom">Which one.</param>
/// <param name="Netns">The network namespace whose it is; empty for what the machine has once.</param>
/// <param name="Level">What was read.</param>
/// <param name="Alarm">What it means when it shows; null when that is worth knowing and no more.</param>
sealed record Shown(Symptom Symptom, string Netns, SymptomLevel Level, Alarm? Alarm)
{
    /// <summary>What it is known by from one moment to the next.</summary>
    public SymptomKey Key { get; } = new(Symptom.Name, Netns, string.Join('\0', Level.Labels));
}

/// <summary>What a level of a symptom is known by.</summary>
/// <param name="Symptom">The symptom's name.</param>
/// <param name="Netns">Its network namespace.</param>
/// <param name="Labels">Its labels' values.</param>
readonly record struct SymptomKey(string Symptom, string Netns, string Labels);
