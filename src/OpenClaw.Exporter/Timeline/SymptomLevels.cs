using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Timeline;

/// <summary>Every symptom at one moment, to see later what rose.</summary>
sealed class SymptomLevels
{
    /// <summary>
    /// A first message may be stamped so long before it is read: the kernel's log has a clock of its own, which runs
    /// away from the wall's by seconds in months.
    /// </summary>
    static readonly TimeSpan LogClockError = TimeSpan.FromMinutes(1);

    readonly ImmutableArray<SymptomSample> _all;
    readonly ImmutableDictionary<SymptomSource, SymptomValues> _values;

    /// <summary>The sources that could not be read, although the kernel has them.</summary>
    readonly ImmutableHashSet<SymptomSource> _gaps;

    SymptomLevels(
        DateTimeOffset time,
        ImmutableArray<SymptomSample> all,
        ImmutableHashSet<string> present,
        ImmutableDictionary<SymptomSource, SymptomValues> values,
        ImmutableHashSet<SymptomSource> gaps
    ) => (Time, _all, Present, _values, _gaps) = (time, all, present, values, gaps);

    /// <summary>When.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>
    /// The symptoms that some namespace has, whether they have a level, or could be read this time, or not.
    /// </summary>
    public ImmutableHashSet<string> Present { get; }

    /// <summary>The symptoms of an evaluation.</summary>
    public static SymptomLevels From(Evaluation evaluation)
    {
        var time = evaluation.Snapshot.Time;
        var all = evaluation
            .Symptoms.SelectMany(reading => SamplesOf(reading, evaluation.Namespaces))
            .ToImmutableArray();
        var bySource = all.ToLookup(static sample => sample.Source);
        return new(
            time,
            all,
            [
                .. evaluation
                    .Symptoms.Where(static reading => !IsAbsent(reading))
                    .Select(static reading => reading.Symptom.Name),
            ],
            evaluation
                .Symptoms.Where(static reading => reading.Levels.Missing is null)
                .Select(SourceOf)
                .ToImmutableDictionary(static source => source, source => SymptomValues.From(time, bySource[source])),
            [
                .. evaluation
                    .Symptoms.Where(static reading => reading.Levels.Missing is not null && !IsAbsent(reading))
                    .Select(SourceOf),
            ]
        );
    }

    /// <summary>
    /// The same, with the values of another moment where it could not be read; those of long before are left out.
    /// </summary>
    public SymptomLevels FilledFrom(SymptomLevels other)
    {
        var filled = _values;
        foreach (var gap in _gaps)
        {
            if (
                !filled.ContainsKey(gap)
                && other._values.TryGetValue(gap, out var values)
                && Time - values.Time <= SymptomHistory.Span
            )
            {
                filled = filled.Add(gap, values);
            }
        }

        return ReferenceEquals(filled, _values) ? this : new(Time, _all, Present, filled, _gaps);
    }

    /// <summary>
    /// How bad the counters are that rose since an earlier moment, by network namespace; nothing of those without any.
    /// </summary>
    public Dictionary<string, PoolCondition> Rising(SymptomLevels? earlier) =>
        _all.Where(sample => sample.Alert is not null && sample.Symptom.IsCounter && Increase(earlier, sample) > 0)
            .GroupBy(static sample => sample.Netns, static sample => sample.Alert!.Severity)
            .ToDictionary(static netns => netns.Key, static netns => netns.Max());

    /// <summary>Counters that rose since an earlier moment, and states that are bad now: the worst first.</summary>
    /// <param name="earlier">The earlier moment; without one nothing is known of counters.</param>
    public IEnumerable<(SymptomSample Sample, double Increase, TimeSpan Over)> Showing(SymptomLevels? earlier) =>
        from sample in _all
        let increase = sample.Symptom.IsCounter ? Increase(earlier, sample) : 0
        where sample.Symptom.IsCounter ? increase > 0 : sample.Symptom.ShowsIn(sample.Level.Value, Time)
        orderby sample.Alert?.Severity ?? PoolCondition.Ok descending, increase descending
        select (sample, increase, sample.Symptom.IsCounter ? Time - earlier!._values[sample.Source].Time : default);

    /// <summary>Counters that rose since an earlier moment, messages that are new, and states that are bad.</summary>
    public IEnumerable<SymptomSample> Since(SymptomLevels earlier) =>
        _all.Where(sample =>
            sample.Symptom switch
            {
                { IsCounter: true } => Increase(earlier, sample) > 0,
                { IsTime: true } => sample.Level.Value > earlier.LastMessage(sample),
                var state => state.ShowsIn(sample.Level.Value, Time),
            }
        );

    static double Increase(SymptomLevels? earlier, SymptomSample sample) =>
        earlier is not null
        && earlier._values.TryGetValue(sample.Source, out var values)
        && values.Before(sample) is { } before
            ? sample.Level.Value - before
            : 0;

    /// <summary>
    /// The time of the last message of this kind by then, in seconds; that of the reading itself when there was none.
    /// </summary>
    double LastMessage(SymptomSample sample)
    {
        var values = _values.GetValueOrDefault(sample.Source);
        return values is not null && values.ByKey.TryGetValue(sample.Key, out var last)
            ? last
            : ((values?.Time ?? Time) - LogClockError).ToUnixTimeSeconds();
    }

    static IEnumerable<SymptomSample> SamplesOf(SymptomReading reading, ImmutableArray<NamespaceView> namespaces)
    {
        if (!reading.Levels.TryGet(out var levels))
            yield break;
        var named = reading.Symptom.Labels.IndexOf("netns");
        foreach (var level in levels)
        {
            var netns = named < 0 ? reading.View.Name : level.Labels[named];

            // The kernel's log is the machine's: what it says of a namespace that is not looked into is worth knowing
            // and no more.
            var isOurs = named < 0 || netns.Length == 0 || namespaces.Any(view => view.Name == netns);
            yield return new(
                SourceOf(reading),
                netns,
                level,
                isOurs ? level.Alert ?? reading.Symptom.Alert(level.Labels) : null
            );
        }
    }

    static SymptomSource SourceOf(SymptomReading reading) => new(reading.Symptom, reading.View.Name);

    static bool IsAbsent(SymptomReading reading) => reading.Levels.Missing is { IsUnseen: false };
}

/// <summary>A symptom, and where it was read.</summary>
/// <param name="Symptom">The symptom.</param>
/// <param name="Netns">The network namespace; empty for the machine.</param>
readonly record struct SymptomSource(Symptom Symptom, string Netns);

/// <summary>One level of a symptom, in its place.</summary>
/// <param name="Source">Where it was read.</param>
/// <param name="Netns">The network namespace whose it is; empty for what the machine has once.</param>
/// <param name="Level">What was read.</param>
/// <param name="Alert">What it means when it shows; null when that is worth knowing and no more.</param>
sealed record SymptomSample(SymptomSource Source, string Netns, SymptomLevel Level, Alert? Alert)
{
    /// <summary>The symptom.</summary>
    public Symptom Symptom => Source.Symptom;

    /// <summary>The labels by which it is known from one moment to the next.</summary>
    public string Key { get; } = string.Join('\0', Level.Labels);
}

/// <summary>The values of one source at the moment at which they were read.</summary>
/// <param name="Time">The moment.</param>
/// <param name="ByKey">The values by their labels; the highest where several share them.</param>
sealed record SymptomValues(DateTimeOffset Time, IReadOnlyDictionary<string, double> ByKey)
{
    /// <summary>
    /// The value with which a later one is compared; null when there is none. Labels that were not there yet count from
    /// 0 where the exporter began to count; the kernel may have counted them unseen.
    /// </summary>
    public double? Before(SymptomSample later) =>
        ByKey.TryGetValue(later.Key, out var value) || later.Symptom.IsCountedFromStart ? value : null;

    /// <summary>The values of samples.</summary>
    public static SymptomValues From(DateTimeOffset time, IEnumerable<SymptomSample> samples) =>
        new(
            time,
            samples
                .GroupBy(static sample => sample.Key, static sample => sample.Level.Value)
                .ToDictionary(static level => level.Key, static level => level.Max())
        );
}
