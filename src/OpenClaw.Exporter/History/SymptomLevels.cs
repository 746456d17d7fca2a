using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.History;

/// <summary>Every symptom of an evaluation, to compare with earlier ones.</summary>
/// <param name="evaluation">The evaluation.</param>
sealed class SymptomLevels(Evaluation evaluation)
{
    /// <summary>The difference of the same message's times before and after the wall clock was set.</summary>
    static readonly TimeSpan SameMessage = TimeSpan.FromSeconds(0.1);

    readonly ImmutableArray<SymptomSample> _all =
    [
        .. evaluation.Symptoms.SelectMany(reading => SamplesOf(reading, evaluation.Namespaces)),
    ];

    /// <summary>The time of the evaluation.</summary>
    public DateTimeOffset Time => Clock.Time;

    /// <summary>The same time, with the clock that nobody sets.</summary>
    public ClockReading Clock => evaluation.Snapshot.Clock;

    /// <summary>
    /// The symptoms that some namespace has, even without a level, and even if they could not be read this time.
    /// </summary>
    public ImmutableHashSet<string> Present { get; } =
    [.. evaluation.Symptoms.Where(static reading => !IsAbsent(reading)).Select(static reading => reading.Symptom.Name)];

    /// <summary>The numbers for the timeline: whether each source could be read, and its values.</summary>
    public IEnumerable<(SymptomName Name, double Value)> Values =>
        evaluation
            .Symptoms.Where(static reading => !IsAbsent(reading))
            .Select(static reading =>
                (
                    new SymptomName(SourceOf(reading), null),
                    reading.Levels.Missing is null ? SymptomName.Read : SymptomName.Unread
                )
            )
            .Concat(_all.Select(static sample => (sample.Name, sample.Level.Value)));

    /// <summary>
    /// Returns the counters that rose since an earlier moment, and the states that are bad now, worst first.
    /// </summary>
    /// <param name="earlier">The earlier moment. Without one, no increase is known.</param>
    public IEnumerable<(SymptomSample Sample, double Increase, TimeSpan Over)> Showing(EarlierSymptoms? earlier) =>
        from sample in _all
        let rise = sample.Symptom.IsCounter ? Rise(earlier, sample) : null
        where sample.Symptom.IsCounter ? rise is not null : sample.Symptom.ShowsIn(sample.Level.Value, Time)
        orderby sample.Alert?.Severity ?? PoolCondition.Ok descending, rise?.Increase ?? 0 descending
        select (sample, rise?.Increase ?? 0, rise is { } risen ? Time - risen.Since : default);

    /// <summary>
    /// Returns the counters that rose since an earlier moment, the messages that are new, and the states that are bad.
    /// </summary>
    public IEnumerable<SymptomSample> Since(EarlierSymptoms earlier) =>
        _all.Where(sample =>
            sample.Symptom switch
            {
                { IsCounter: true } => Rise(earlier, sample) is not null,
                { IsTime: true } => sample.Level.Value - earlier.LastMessage(sample) > SameMessage.TotalSeconds,
                var state => state.ShowsIn(sample.Level.Value, Time),
            }
        );

    /// <summary>
    /// Returns true where a sample shows a failure at this time. It is a counter that rose since the earlier moment, a
    /// message of the last seconds, or a bad state.
    /// </summary>
    public bool IsFailing(SymptomSample sample, EarlierSymptoms? earlier) =>
        sample.Symptom switch
        {
            { IsCounter: true } => Rise(earlier, sample) is not null,
            { IsTime: true } => Time.ToUnixTimeMilliseconds() / 1000.0 - sample.Level.Value
                < Timeline.Slot.TotalSeconds,
            _ => true,
        };

    /// <summary>
    /// Returns the increase of a counter, with the time of the earlier value; null when it did not rise.
    /// </summary>
    static (double Increase, DateTimeOffset Since)? Rise(EarlierSymptoms? earlier, SymptomSample sample) =>
        earlier?.IncreaseOf(sample) is { Increase: > 0 } rise ? rise : null;

    static IEnumerable<SymptomSample> SamplesOf(SymptomReading reading, ImmutableArray<NamespaceView> namespaces)
    {
        if (!reading.Levels.TryGet(out var levels))
            yield break;
        foreach (var level in levels)
        {
            // The kernel log is the machine's. A message about a namespace that is not read is only information.
            var isOurs = level.Netns is null or "" || namespaces.Any(view => view.Name == level.Netns);
            yield return new(
                SourceOf(reading),
                level.Netns ?? reading.View.Name,
                level,
                isOurs ? level.Alert ?? reading.Symptom.Alert : null
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

/// <summary>The name of a symptom's value from one evaluation to the next.</summary>
/// <param name="Source">The place where it was read.</param>
/// <param name="Key">The labels; null for the source itself, whose value tells whether it could be read.</param>
readonly record struct SymptomName(SymptomSource Source, string? Key)
{
    /// <summary>The value of a source that could be read.</summary>
    public const double Read = 1;

    /// <summary>The value of a source that exists in the kernel but could not be read.</summary>
    public const double Unread = 0;
}

/// <summary>A level of a symptom, with its source.</summary>
/// <param name="Source">The place where it was read.</param>
/// <param name="Netns">The network namespace of the level; empty for a value of the whole machine.</param>
/// <param name="Level">The level.</param>
/// <param name="Alert">The alert when it shows; null when it is only information.</param>
sealed record SymptomSample(SymptomSource Source, string Netns, SymptomLevel Level, Alert? Alert)
{
    /// <summary>The symptom.</summary>
    public Symptom Symptom => Source.Symptom;

    /// <summary>The name that identifies it from one evaluation to the next.</summary>
    public SymptomName Name { get; } = new(Source, string.Join('\0', Level.Labels));
}
