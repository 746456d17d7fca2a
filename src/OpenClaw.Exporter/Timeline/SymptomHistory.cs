using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Timeline;

/// <summary>
/// The symptoms of the last minutes: what rose since, and how much of the time it has. It does not change; the next
/// moment makes another one.
/// </summary>
sealed class SymptomHistory
{
    /// <summary>Moments that are closer to each other are not all kept: of one quarter of a minute, one is.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Whoever asks every quarter of a minute does so a little early now and then, and is not to find every other
    /// moment left out.
    /// </summary>
    static readonly TimeSpan Jitter = TimeSpan.FromSeconds(1);

    /// <summary>The time in which failing is counted.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(5);

    /// <summary>What has not shown for so long fails no more.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromMinutes(3);

    /// <summary>
    /// So many quarters of a minute are no burst: that is in one, or in two if it falls between them.
    /// </summary>
    public const int Enough = 3;

    /// <summary>
    /// How far back a counter is compared for who looks now, or to the moment before if that is longer ago.
    /// </summary>
    static readonly TimeSpan Back = TimeSpan.FromMinutes(1);

    readonly ImmutableArray<SymptomLevels> _levels;
    readonly ImmutableArray<RecentFailure> _failures;

    SymptomHistory(ImmutableArray<SymptomLevels> levels, ImmutableArray<RecentFailure> failures) =>
        (_levels, _failures) = (levels, failures);

    /// <summary>Of a machine that nobody has looked at: nothing is known of what rises.</summary>
    public static SymptomHistory Empty { get; } = new([], []);

    /// <summary>This, and a later moment.</summary>
    public SymptomHistory With(SymptomLevels levels)
    {
        if (!IsPastOf(levels.Time))
            return new([levels], []);
        if (levels.Time - _levels[^1].Time < Spacing - Jitter)
            return this;
        var old = _levels.TakeWhile(earlier => levels.Time - earlier.Time >= Back).Count();
        return new([.. _levels.Skip(Math.Max(old - 1, 0)), levels.FilledFrom(_levels[^1])], FailuresUntil(levels));
    }

    /// <summary>The levels with which those of a time are compared; null when there are no earlier ones.</summary>
    public SymptomLevels? Before(DateTimeOffset time)
    {
        if (!IsPastOf(time))
            return null;
        var at = Math.Max(_levels.TakeWhile(levels => time - levels.Time >= Back).Count() - 1, 0);

        // Of what could not be read then, and never before, the next moment that has it.
        return _levels.Skip(at + 1).Aggregate(_levels[at], static (levels, later) => levels.FilledFrom(later));
    }

    /// <summary>
    /// What has failed lately, up to a moment that this is the past of; nothing of what that moment does not have at
    /// all.
    /// </summary>
    public IEnumerable<RecentFailure> Until(SymptomLevels levels) =>
        FailuresUntil(levels)
            .Where(failure => levels.Time - failure.Times[^1] <= Lately && failure.Symptoms.Overlaps(levels.Present));

    /// <summary>A clock that was set back makes the old times those of another line.</summary>
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
/// <param name="Alert">What it is.</param>
/// <param name="Netns">The network namespace whose it is; empty for what the machine has once.</param>
/// <param name="Symptoms">The names of the symptoms that showed it.</param>
/// <param name="Times">When they did, one for each quarter of a minute that it is counted as.</param>
sealed record RecentFailure(
    Alert Alert,
    string Netns,
    ImmutableHashSet<string> Symptoms,
    ImmutableArray<DateTimeOffset> Times
)
{
    /// <summary>How much of the last minutes it has lasted.</summary>
    public TimeSpan Time =>
        Times.Length * SymptomHistory.Spacing is var time && time < SymptomHistory.Span ? time : SymptomHistory.Span;
}
