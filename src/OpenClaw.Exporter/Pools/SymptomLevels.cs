using System.Collections.Immutable;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Pools;

/// <summary>Every counter of the symptoms at one moment, to see later what rose.</summary>
/// <param name="Time">When.</param>
/// <param name="Values">By symptom, network namespace and labels.</param>
sealed record SymptomLevels(DateTimeOffset Time, IReadOnlyDictionary<(string Symptom, string Netns, string Labels), double> Values)
{
    /// <summary>A message of the kernel that is older says nothing of now.</summary>
    static readonly TimeSpan Recent = TimeSpan.FromMinutes(5);

    /// <summary>All levels, read once; those of states too.</summary>
    ImmutableArray<(Symptom Symptom, string Netns, SymptomLevel Level)> All { get; init; } = [];

    /// <summary>The symptoms that could not be read, and why.</summary>
    public ImmutableArray<(string Name, Missing? Missing)> Unread { get; private init; } = [];

    /// <summary>Those of a snapshot.</summary>
    public static SymptomLevels Of(Snapshot snapshot, ImmutableArray<NamespaceView> namespaces)
    {
        var read = (
            from symptom in SymptomCatalogue.All
            from view in symptom.Scope == PoolScope.Host ? [new("", snapshot, null)] : namespaces
            select (Symptom: symptom, Netns: view.Name, Levels: symptom.Read(view.Snapshot))).ToList();
        var all = (
            from reading in read
            from level in reading.Levels.TryGet(out var levels) ? levels : []
            select (reading.Symptom, reading.Netns, Level: level)).ToImmutableArray();
        return new(
            snapshot.Time, all
                .Where(static level => level.Symptom.IsCounter)
                .GroupBy(static level => Key(level.Symptom, level.Netns, level.Level.Labels), static level => level.Level.Value)
                .ToDictionary(static level => level.Key, static level => level.Max()))
        {
            All = all,
            Unread = [.. read.Where(static reading => reading.Levels.Missing is not null).Select(static reading => (reading.Symptom.Name, reading.Levels.Missing))],
        };
    }

    /// <summary>How bad the counters are that rose since an earlier moment, by network namespace; nothing of those without any.</summary>
    public Dictionary<string, PoolCondition> Rising(SymptomLevels? earlier) => All
        .Where(level => level.Symptom.IsCounter && Increase(earlier, level) > 0)
        .Select(static level => (level.Netns, Severity: (level.Level.Alarm ?? level.Symptom.Alarm(level.Level.Labels))?.Severity ?? PoolCondition.Ok))
        .Where(static level => level.Severity > PoolCondition.Ok)
        .GroupBy(static level => level.Netns, static level => level.Severity)
        .ToDictionary(static netns => netns.Key, static netns => netns.Max());

    /// <summary>What shows now: counters that rose since an earlier moment, and states that are bad.</summary>
    /// <param name="snapshot">Now.</param>
    /// <param name="namespaces">Its network namespaces.</param>
    /// <param name="earlier">The earlier moment; without one nothing is known of counters.</param>
    /// <param name="causes">The pools that are in trouble, by name and network namespace.</param>
    public IEnumerable<SymptomFinding> Showing(
        Snapshot snapshot, ImmutableArray<NamespaceView> namespaces, SymptomLevels? earlier, ILookup<(string Pool, string Netns), Pool> causes) =>
        from level in All
        let increase = level.Symptom.IsCounter ? Increase(earlier, level) : 0
        where level.Symptom.IsCounter ? increase > 0 : level.Symptom.ShowsIn(level.Level.Value, snapshot.Time)
        let netns = level.Symptom.Labels.IndexOf("netns") is >= 0 and var named ? level.Level.Labels[named] : level.Netns

        // The kernel's log is the machine's: what it says of a namespace that is not looked into is worth knowing and no more.
        let isOurs = netns.Length == 0 || namespaces.Any(view => view.Name == netns)
        let alarm = isOurs ? level.Level.Alarm ?? level.Symptom.Alarm(level.Level.Labels) : null
        let cause = alarm?.Causes.SelectMany(pool => causes[(pool, netns)].Concat(causes[(pool, "")])).FirstOrDefault()
        orderby alarm?.Severity ?? PoolCondition.Ok descending, increase descending
        select new SymptomFinding(level.Symptom, netns, level.Level.Labels, increase, level.Symptom.IsCounter ? snapshot.Time - earlier!.Time : default, alarm, cause);

    /// <summary>Whether a kernel message of this time is recent.</summary>
    public static bool IsRecent(double unixSeconds, DateTimeOffset now) =>
        now - DateTimeOffset.FromUnixTimeMilliseconds((long)(unixSeconds * 1000)) < Recent;

    static double Increase(SymptomLevels? earlier, (Symptom Symptom, string Netns, SymptomLevel Level) level) =>
        earlier is not null && earlier.Values.TryGetValue(Key(level.Symptom, level.Netns, level.Level.Labels), out var before) ? level.Level.Value - before : 0;

    static (string, string, string) Key(Symptom symptom, string netns, ImmutableArray<string> labels) => (symptom.Name, netns, string.Join('\0', labels));
}
