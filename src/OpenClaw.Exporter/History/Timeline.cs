using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.History;

/// <summary>
/// The memory of earlier evaluations: the values of symptoms, the failures that lasted, and the utilisation of pools.
/// It never changes. The next evaluation makes another one, which shares the samples.
/// </summary>
/// <remarks>
/// It keeps numbers and their names, never evaluations. 1,000 symptoms and 1,000 levels of pools take at most 0.7 MB:
/// 8 bytes for each number and 0.2 kB for each name. There are at most 27 samples of each symptom, and 182 of the pools
/// and of 128 levels.
/// </remarks>
sealed class Timeline
{
    /// <summary>The worst levels of each evaluation that are followed one by one.</summary>
    const int LevelsAtMost = 64;

    /// <summary>The interval in which failing is counted, and in which symptoms are kept.</summary>
    public static readonly TimeSpan Slot = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The tolerance of the spacing. A client that asks every 15 s is sometimes a little early, and must not lose every
    /// other sample.
    /// </summary>
    static readonly TimeSpan Jitter = TimeSpan.FromSeconds(1);

    /// <summary>The least time in which a counter can be seen to stand still.</summary>
    static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The bounds of the symptoms. An increase is computed over a minute, or over more where the sample before is
    /// longer ago. A symptom that could not be read is compared with its last value of the five minutes before.
    /// </summary>
    static readonly RingBounds SymptomBounds = new(TimeSpan.FromMinutes(5), Slot - Jitter, NamesAtMost: 100_000)
    {
        Back = TimeSpan.FromMinutes(1),
    };

    /// <summary>The bounds of the utilisations: of the pools by name, and of the worst levels.</summary>
    static readonly RingBounds UtilizationBounds = new(
        TimeSpan.FromMinutes(15),
        TimeSpan.FromSeconds(5),
        NamesAtMost: PoolCatalogue.All.Length + (2 * LevelsAtMost)
    );

    readonly ClockReading _clock;

    Timeline(
        SampleRing<SymptomName> symptoms,
        SampleRing<string> utilizations,
        ImmutableArray<RecentFailure> failures,
        ClockReading clock = default
    ) => (Symptoms, Utilizations, Failures, _clock) = (symptoms, utilizations, failures, clock);

    /// <summary>The values of the symptoms. Their times are on the wall clock, since the Unix epoch.</summary>
    public SampleRing<SymptomName> Symptoms { get; }

    /// <summary>
    /// The utilisations of the pools, by the name of the pool, and of the worst levels, by a name of several parts.
    /// </summary>
    public SampleRing<string> Utilizations { get; }

    /// <summary>The failures of the last five minutes before the newest values of the symptoms.</summary>
    public ImmutableArray<RecentFailure> Failures { get; }

    /// <summary>The timeline without any evaluation: no increase and no trend is known.</summary>
    public static Timeline Empty { get; } = new(new(SymptomBounds), new(UtilizationBounds), []);

    /// <summary>Makes the timeline that another process had. The bounds hold for it, too.</summary>
    /// <param name="symptoms">The samples of the symptoms, oldest first.</param>
    /// <param name="utilizations">The samples of the utilisations, oldest first.</param>
    /// <param name="failures">The failures.</param>
    public static Timeline Restore(
        IEnumerable<(DateTimeOffset Time, IEnumerable<(SymptomName Name, double Number)> Numbers)> symptoms,
        IEnumerable<(DateTimeOffset Time, IEnumerable<(string Name, double Number)> Numbers)> utilizations,
        ImmutableArray<RecentFailure> failures
    ) =>
        new(
            symptoms.Aggregate(Empty.Symptoms, static (ring, sample) =>
                ring.With(sample.Time - DateTimeOffset.UnixEpoch, sample.Numbers)
            ),
            utilizations.Aggregate(Empty.Utilizations, static (ring, sample) =>
                ring.With(sample.Time - DateTimeOffset.UnixEpoch, sample.Numbers)
            ),
            failures
        );

    /// <summary>Returns true where it has symptoms of this time or of an earlier one.</summary>
    public bool ReachesBackTo(DateTimeOffset time) =>
        Symptoms.Count > 0 && Symptoms.TimeOf(0) <= time - DateTimeOffset.UnixEpoch;

    /// <summary>
    /// Returns this timeline on the wall clock of a later moment. Where that clock was set meanwhile, all times move
    /// with it, so that their ages stay the same.
    /// </summary>
    public Timeline On(ClockReading clock)
    {
        var step = clock.StepSince(_clock);
        return step == TimeSpan.Zero
            ? this
            : new(
                Symptoms.Shift(step, static name => name is { Source.Symptom.IsTime: true, Key: not null }),
                Utilizations.Shift(step, static _ => false),
                [.. Failures.Select(failure => failure.Shift(step))],
                clock
            );
    }

    /// <summary>Returns this timeline with a later evaluation added.</summary>
    /// <param name="symptoms">The symptoms.</param>
    /// <param name="failures">The failures up to these symptoms.</param>
    /// <param name="levels">The levels of the pools, the worst first.</param>
    public Timeline With(
        SymptomLevels symptoms,
        ImmutableArray<RecentFailure> failures,
        IEnumerable<(Pool Pool, PoolLevel Level)> levels
    )
    {
        var at = symptoms.Time - DateTimeOffset.UnixEpoch;
        var kept = Symptoms.With(at, symptoms.Values);
        return new(
            kept,
            Utilizations.With(at, UtilizationsOf(levels)),
            kept == Symptoms ? Failures : failures,
            symptoms.Clock
        );
    }

    /// <summary>Returns the symptoms to compare those of a time with; null when there are no earlier ones.</summary>
    public EarlierSymptoms? Before(DateTimeOffset time) => Earlier(time, SymptomBounds.Back, orLater: true);

    /// <summary>
    /// Returns the newest symptoms before a time, to see what fails at that time; null when there are no earlier ones.
    /// Symptoms of a moment ago are too young: little could happen since.
    /// </summary>
    public EarlierSymptoms? JustBefore(DateTimeOffset time) => Earlier(time, Moment, orLater: true);

    /// <summary>
    /// Returns the failures of the last five minutes, up to later symptoms, whether or not they have ended.
    /// </summary>
    public ImmutableArray<RecentFailure> FailuresUntil(SymptomLevels symptoms) =>
        Earlier(symptoms.Time, TimeSpan.Zero, orLater: false) is { } last
            ? RecentFailure.Continue(Failures, symptoms.Since(last), symptoms.Time)
            : [];

    /// <summary>
    /// Returns the points of one pool's fullest level, oldest first: seconds before the newest, and utilisation.
    /// </summary>
    public IReadOnlyList<(double Age, double Utilization)> PointsOf(Pool pool) => PointsOf(pool.Name);

    /// <summary>Returns the time at which a level will be full at the present rate.</summary>
    public Forecast ForecastOf(Pool pool, PoolLevel level) =>
        Forecast.Through(PointsOf(NameOf(pool, level)), pool.EndRatio);

    /// <summary>
    /// Returns the time from which a level was at or above its warning without a break, and whether it was below just
    /// before; null where no sample shows it.
    /// </summary>
    public (DateTimeOffset From, bool IsBegin)? LastedOf(Pool pool, PoolLevel level)
    {
        (TimeSpan At, bool IsBegin)? lasted = null;
        var wasBelow = false;
        var warning = pool.ThresholdsOf(level).Warning;
        var samples = Utilizations.SamplesOf(NameOf(pool, level)).ToDictionary();
        for (var sample = 0; sample < Utilizations.Count; sample++)
        {
            var at = Utilizations.TimeOf(sample);
            var isKnown = samples.TryGetValue(at, out var utilization);
            if (isKnown && utilization >= warning)
                lasted ??= (at, wasBelow);
            else
                lasted = null;
            wasBelow = isKnown && utilization < warning;
        }

        return lasted is var (from, isBegin) ? (DateTimeOffset.UnixEpoch + from, isBegin) : null;
    }

    EarlierSymptoms? Earlier(DateTimeOffset time, TimeSpan back, bool orLater) =>
        Symptoms.Before(time - DateTimeOffset.UnixEpoch, back) is >= 0 and var sample
            ? new(Symptoms, sample, SymptomBounds.Span, orLater)
            : null;

    List<(double Age, double Utilization)> PointsOf(string name) =>
        [
            .. from sample in Utilizations.SamplesOf(name)
            let age = Utilizations.TimeOf(Utilizations.Count - 1) - sample.At
            select (age.TotalSeconds, sample.Number),
        ];

    static IEnumerable<(string Name, double Utilization)> UtilizationsOf(
        IEnumerable<(Pool Pool, PoolLevel Level)> levels
    )
    {
        var followed = 0;
        foreach (var (pool, level) in levels)
        {
            if (level.Utilization is not { } utilization)
                continue;
            yield return (pool.Name, utilization);
            if (followed++ < LevelsAtMost)
                yield return (NameOf(pool, level), utilization);
        }
    }

    /// <summary>
    /// Returns the name of a level. It includes the process, because another process with the same name leaks
    /// independently.
    /// </summary>
    static string NameOf(Pool pool, PoolLevel level) =>
        string.Join('\0', [pool.Name, level.Netns, .. level.Labels, $"{level.Pid}"]);
}
