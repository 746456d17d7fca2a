using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;

namespace OpenClaw.Exporter.Problems;

/// <summary>A failure of the last five minutes that is over.</summary>
/// <param name="Alert">The alert.</param>
/// <param name="Netns">The network namespace of the failure; empty for the whole machine.</param>
/// <param name="Last">The last time at which it is known to have failed.</param>
sealed record PastFailure(Alert Alert, string Netns, DateTimeOffset Last)
{
    /// <summary>Returns the failures that are over, the latest first.</summary>
    /// <param name="symptoms">The symptoms that show. A message of the kernel has the time at which it failed.</param>
    /// <param name="recent">The failures that the timeline has seen.</param>
    public static ImmutableArray<PastFailure> Collect(
        ImmutableArray<SymptomFinding> symptoms,
        IEnumerable<RecentFailure> recent
    )
    {
        var failing = symptoms
            .Where(static symptom => symptom is { Phase: Phase.Failing, Alert: not null })
            .Select(static symptom => (symptom.Alert!.Name, symptom.Netns))
            .ToHashSet();
        var messages = symptoms
            .Where(static symptom => symptom is { Phase: Phase.Over, Alert: not null, Symptom.IsTime: true })
            .Select(static symptom => new PastFailure(
                symptom.Alert!,
                symptom.Netns,
                DateTimeOffset.FromUnixTimeMilliseconds((long)(symptom.Sample.Level.Value * 1000))
            ));
        return
        [
            .. messages
                .Concat(
                    recent.Select(static failure => new PastFailure(failure.Alert, failure.Netns, failure.Times[^1]))
                )
                .DistinctBy(static past => (past.Alert.Name, past.Netns))
                .Where(past => !failing.Contains((past.Alert.Name, past.Netns)))
                .OrderByDescending(static past => past.Last),
        ];
    }
}
