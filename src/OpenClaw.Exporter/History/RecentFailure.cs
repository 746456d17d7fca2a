using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.History;

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
    /// <summary>
    /// The number of slots of 15 s from which a failure is no burst. A burst touches one slot, or two if it falls
    /// between them.
    /// </summary>
    public const int Enough = 3;

    /// <summary>The time span in which failing is measured.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(5);

    /// <summary>The time after which a failure that no longer shows has ended.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromMinutes(3);

    /// <summary>The part of the last minutes that it lasted.</summary>
    public TimeSpan Time => Times.Length * Timeline.Slot is var time && time < Span ? time : Span;

    /// <summary>Returns true where it showed lately at a time, so that it has not ended.</summary>
    public bool IsRecent(DateTimeOffset time) => time - Times[^1] <= Lately;

    /// <summary>Returns the same failure after the wall clock was set.</summary>
    public RecentFailure Shift(TimeSpan by) => this with { Times = [.. Times.Select(time => time + by)] };

    /// <summary>Returns failures and those that show at a later time.</summary>
    /// <param name="failures">The failures until then.</param>
    /// <param name="showing">The symptoms that show since the last time.</param>
    /// <param name="time">The later time.</param>
    public static ImmutableArray<RecentFailure> Continue(
        ImmutableArray<RecentFailure> failures,
        IEnumerable<SymptomSample> showing,
        DateTimeOffset time
    )
    {
        var now = showing
            .Where(static sample => sample.Alert is not null)
            .ToLookup(static sample => (sample.Alert!.Name, sample.Alert.Code, sample.Netns));
        var before = failures.ToDictionary(static failure => (failure.Alert.Name, failure.Alert.Code, failure.Netns));
        return
        [
            .. from key in before.Keys.Union(now.Select(static samples => samples.Key))
            let past = before.GetValueOrDefault(key)
            let slots = now[key].Select(static sample => sample.Level.IsSaidOnce ? Enough : 1).DefaultIfEmpty().Max()
            let times = past?.Times.RemoveAll(shown => time - shown >= Span) ?? []
            let until = new RecentFailure(
                now[key].FirstOrDefault()?.Alert ?? past!.Alert,
                key.Netns,
                (past?.Symptoms ?? []).Union(now[key].Select(static sample => sample.Symptom.Name)),
                times.AddRange(Enumerable.Repeat(time, slots))
            )
            where !until.Times.IsEmpty
            select until,
        ];
    }
}
