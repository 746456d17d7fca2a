using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Timeline;

/// <summary>
/// The symptoms of the last minutes: their increases, and the time for which failures lasted. It never changes; the
/// next moment creates another one.
/// </summary>
sealed class SymptomHistory
{
    /// <summary>The spacing of the moments that are kept: one for each slot of 15 s.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The tolerance of the spacing. A client that asks every 15 s is sometimes a little early, and must not lose every
    /// other moment.
    /// </summary>
    static readonly TimeSpan Jitter = TimeSpan.FromSeconds(1);

    /// <summary>The time span in which failing is measured.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(5);

    /// <summary>The time after which a failure that no longer shows has ended.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromMinutes(3);

    /// <summary>
    /// The number of slots of 15 s from which a failure is no burst. A burst touches one slot, or two if it falls
    /// between them.
    /// </summary>
    public const int Enough = 3;

    /// <summary>
    /// The time span over which the increase of a counter is computed. If the moment before is longer ago, that one is
    /// used.
    /// </summary>
    static readonly TimeSpan Back = TimeSpan.FromMinutes(1);

    /// <summary>The least time in which a counter can be seen to stand still.</summary>
    static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    readonly ImmutableArray<SymptomLevels> _levels;
    readonly ImmutableArray<RecentFailure> _failures;

    SymptomHistory(ImmutableArray<SymptomLevels> levels, ImmutableArray<RecentFailure> failures) =>
        (_levels, _failures) = (levels, failures);

    /// <summary>The history without any moment: no increase is known.</summary>
    public static SymptomHistory Empty { get; } = new([], []);

    /// <summary>Returns this history with a later moment added.</summary>
    public SymptomHistory With(SymptomLevels levels)
    {
        if (!IsPastOf(levels.Time))
            return new([levels], []);
        if (levels.Time - _levels[^1].Time < Spacing - Jitter)
            return this;
        var old = _levels.TakeWhile(earlier => levels.Time - earlier.Time >= Back).Count();
        return new([.. _levels.Skip(Math.Max(old - 1, 0)), levels.FilledFrom(_levels[^1])], FailuresUntil(levels));
    }

    /// <summary>Returns the levels to compare those of a time with; null when there are no earlier ones.</summary>
    public SymptomLevels? Before(DateTimeOffset time)
    {
        if (!IsPastOf(time))
            return null;
        var at = Math.Max(_levels.TakeWhile(levels => time - levels.Time >= Back).Count() - 1, 0);

        // A value that could not be read then, nor before, comes from the next moment that has it.
        return _levels.Skip(at + 1).Aggregate(_levels[at], static (levels, later) => levels.FilledFrom(later));
    }

    /// <summary>
    /// Returns the newest levels before a time, to see what fails at that time; null when there are no earlier ones.
    /// Levels of a moment ago are too young: little could happen since.
    /// </summary>
    public SymptomLevels? JustBefore(DateTimeOffset time)
    {
        if (!IsPastOf(time))
            return null;
        var at = _levels.TakeWhile(levels => time - levels.Time >= Moment).Count() - 1;
        return at < 0
            ? Before(time)
            : _levels.Skip(at + 1).Aggregate(_levels[at], static (levels, later) => levels.FilledFrom(later));
    }

    /// <summary>
    /// Returns the failures of the last five minutes, up to a later moment, whether or not they have ended.
    /// </summary>
    public IEnumerable<RecentFailure> Recent(SymptomLevels levels) =>
        FailuresUntil(levels).Where(failure => failure.Symptoms.Overlaps(levels.Present));

    /// <summary>
    /// Returns the failures of the last minutes, up to a later moment. It omits failures whose symptoms that moment
    /// does not have at all.
    /// </summary>
    public IEnumerable<RecentFailure> Until(SymptomLevels levels) =>
        FailuresUntil(levels)
            .Where(failure => levels.Time - failure.Times[^1] <= Lately && failure.Symptoms.Overlaps(levels.Present));

    /// <summary>
    /// Returns true where a time is after this history. A clock that was set back starts a new history.
    /// </summary>
    bool IsPastOf(DateTimeOffset time) => _levels is [.., var last] && last.Time <= time;

    ImmutableArray<RecentFailure> FailuresUntil(SymptomLevels levels)
    {
        if (!IsPastOf(levels.Time))
            return [];
        var now = levels
            .Since(_levels[^1])
            .Where(static sample => sample.Alert is not null)
            .ToLookup(static sample => (sample.Alert!.Name, sample.Alert.Code, sample.Netns));
        var before = _failures.ToDictionary(static failure => (failure.Alert.Name, failure.Alert.Code, failure.Netns));
        return
        [
            .. from key in before.Keys.Union(now.Select(static samples => samples.Key))
            let past = before.GetValueOrDefault(key)
            let quarters = now[key]
                .Select(static sample => sample.Symptom.IsSaidOnce(sample.Level.Labels) ? Enough : 1)
                .DefaultIfEmpty()
                .Max()
            let times = past?.Times.RemoveAll(time => levels.Time - time >= Span) ?? []
            let until = new RecentFailure(
                now[key].FirstOrDefault()?.Alert ?? past!.Alert,
                key.Netns,
                (past?.Symptoms ?? []).Union(now[key].Select(static sample => sample.Symptom.Name)),
                times.AddRange(Enumerable.Repeat(levels.Time, quarters))
            )
            where !until.Times.IsEmpty
            select until,
        ];
    }
}

/// <summary>A failure of the last minutes.</summary>
/// <param name="Alert">The alert.</param>
/// <param name="Netns">The network namespace of the failure; empty for the whole machine.</param>
/// <param name="Symptoms">The names of the symptoms that showed it.</param>
/// <param name="Times">The times at which they showed it, one for each slot of 15 s that it counts for.</param>
sealed record RecentFailure(
    Alert Alert,
    string Netns,
    ImmutableHashSet<string> Symptoms,
    ImmutableArray<DateTimeOffset> Times
)
{
    /// <summary>The part of the last minutes for which it lasted.</summary>
    public TimeSpan Time =>
        Times.Length * SymptomHistory.Spacing is var time && time < SymptomHistory.Span ? time : SymptomHistory.Span;
}
