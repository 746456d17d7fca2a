using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Timeline;

/// <summary>Every symptom at one moment. A later moment computes the increases from it.</summary>
sealed class SymptomLevels
{
    /// <summary>
    /// The time by which a first message may be older than the reading. The clock of the kernel log drifts from the
    /// wall clock by seconds in months.
    /// </summary>
    static readonly TimeSpan LogClockError = TimeSpan.FromMinutes(1);

    readonly ImmutableArray<SymptomSample> _all;
    readonly ImmutableDictionary<SymptomSource, SymptomValues> _values;

    /// <summary>The sources that exist in the kernel but could not be read.</summary>
    readonly ImmutableHashSet<SymptomSource> _gaps;

    SymptomLevels(
        DateTimeOffset time,
        ImmutableArray<SymptomSample> all,
        ImmutableHashSet<string> present,
        ImmutableDictionary<SymptomSource, SymptomValues> values,
        ImmutableHashSet<SymptomSource> gaps
    ) => (Time, _all, Present, _values, _gaps) = (time, all, present, values, gaps);

    /// <summary>The time of the moment.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>
    /// The symptoms that some namespace has, even without a level, and even if they could not be read this time.
    /// </summary>
    public ImmutableHashSet<string> Present { get; }

    /// <summary>Returns the symptoms of an evaluation.</summary>
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
    /// Returns these levels, with the values of another moment where this one has gaps. Values from long before are
    /// omitted.
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
    /// Returns the severity of the counters that rose since an earlier moment, by network namespace. Namespaces without
    /// any are omitted.
    /// </summary>
    public Dictionary<string, PoolCondition> Rising(SymptomLevels? earlier) =>
        _all.Where(sample => sample.Alert is not null && sample.Symptom.IsCounter && Increase(earlier, sample) > 0)
            .GroupBy(static sample => sample.Netns, static sample => sample.Alert!.Severity)
            .ToDictionary(static netns => netns.Key, static netns => netns.Max());

    /// <summary>
    /// Returns the counters that rose since an earlier moment, and the states that are bad now, worst first.
    /// </summary>
    /// <param name="earlier">The earlier moment. Without one, no increase is known.</param>
    public IEnumerable<(SymptomSample Sample, double Increase, TimeSpan Over)> Showing(SymptomLevels? earlier) =>
        from sample in _all
        let increase = sample.Symptom.IsCounter ? Increase(earlier, sample) : 0
        where sample.Symptom.IsCounter ? increase > 0 : sample.Symptom.ShowsIn(sample.Level.Value, Time)
        orderby sample.Alert?.Severity ?? PoolCondition.Ok descending, increase descending
        select (sample, increase, sample.Symptom.IsCounter ? Time - earlier!._values[sample.Source].Time : default);

    /// <summary>
    /// Returns the counters that rose since an earlier moment, the messages that are new, and the states that are bad.
    /// </summary>
    public IEnumerable<SymptomSample> Since(SymptomLevels earlier) =>
        _all.Where(sample =>
            sample.Symptom switch
            {
                { IsCounter: true } => Increase(earlier, sample) > 0,
                { IsTime: true } => sample.Level.Value > earlier.LastMessage(sample),
                var state => state.ShowsIn(sample.Level.Value, Time),
            }
        );

    /// <summary>
    /// Returns true where a sample shows a failure at this time: a counter that rose since the earlier moment, a
    /// message of the last seconds, or a state that is bad.
    /// </summary>
    public bool IsFailing(SymptomSample sample, SymptomLevels? earlier) =>
        sample.Symptom switch
        {
            { IsCounter: true } => Increase(earlier, sample) > 0,
            { IsTime: true } => Time.ToUnixTimeMilliseconds() / 1000.0 - sample.Level.Value
                < SymptomHistory.Spacing.TotalSeconds,
            _ => true,
        };

    static double Increase(SymptomLevels? earlier, SymptomSample sample) =>
        earlier is not null
        && earlier._values.TryGetValue(sample.Source, out var values)
        && values.Before(sample) is { } before
            ? sample.Level.Value - before
            : 0;

    /// <summary>
    /// Returns the time of the last message of this kind by then, in seconds; the time of the reading when there was
    /// none.
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

            // The kernel log is the machine's. A message about a namespace that is not read is only information.
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

/// <summary>A symptom, and the place where it was read.</summary>
/// <param name="Symptom">The symptom.</param>
/// <param name="Netns">The network namespace; empty for the machine.</param>
readonly record struct SymptomSource(Symptom Symptom, string Netns);

/// <summary>A level of a symptom, with its source.</summary>
/// <param name="Source">The place where it was read.</param>
/// <param name="Netns">The network namespace of the level; empty for a value of the whole machine.</param>
/// <param name="Level">The level.</param>
/// <param name="Alert">The alert when it shows; null when it is only information.</param>
sealed record SymptomSample(SymptomSource Source, string Netns, SymptomLevel Level, Alert? Alert)
{
    /// <summary>The symptom.</summary>
    public Symptom Symptom => Source.Symptom;

    /// <summary>The labels that identify it from one moment to the next.</summary>
    public string Key { get; } = string.Join('\0', Level.Labels);
}

/// <summary>The values of one source at the moment at which they were read.</summary>
/// <param name="Time">The moment.</param>
/// <param name="ByKey">The values by their labels; the highest where several share them.</param>
sealed record SymptomValues(DateTimeOffset Time, IReadOnlyDictionary<string, double> ByKey)
{
    /// <summary>
    /// Returns the value to compare a later one with; null when there is none. New labels count from 0 where the
    /// exporter itself counts. The kernel may have counted them before.
    /// </summary>
    public double? Before(SymptomSample later) =>
        ByKey.TryGetValue(later.Key, out var value) || later.Symptom.IsCountedFromStart ? value : null;

    /// <summary>Collects the values of samples.</summary>
    public static SymptomValues From(DateTimeOffset time, IEnumerable<SymptomSample> samples) =>
        new(
            time,
            samples
                .GroupBy(static sample => sample.Key, static sample => sample.Level.Value)
                .ToDictionary(static level => level.Key, static level => level.Max())
        );
}
