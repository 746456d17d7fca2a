using System.Collections.Immutable;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Problems;

/// <summary>A problem as a row of the look back, in words.</summary>
/// <param name="When">The time of its begin, or of its end where only that is known.</param>
/// <param name="Lasted">The time that it lasted; empty where it is unknown.</param>
/// <param name="What">The resource and its peak, or the failure.</param>
/// <param name="Who">The holder; empty where it is unknown.</param>
/// <param name="Code">The OpenClaw error code.</param>
sealed record PastProblem(string When, string Lasted, string What, string Who, string Code)
{
    /// <summary>The heading of the rows: the time that they look back.</summary>
    public const string Title = "Last minutes";

    /// <summary>
    /// Returns what began, lasts or ended within the time of <see cref="Title"/>, the latest first; none where nothing
    /// did.
    /// </summary>
    public static ImmutableArray<PastProblem> Collect(Diagnosis diagnosis)
    {
        var now = diagnosis.Snapshot.Time;
        return
        [
            .. from problem in diagnosis.Problems
            where problem.Phase != Phase.Over
            let since = problem.Since
            where since is not null
            let longer = since.IsBegin ? "" : " or longer"
            select new PastProblem(
                $"{Moments.Clock(since.Time)} – now",
                Durations.Format(now - since.Time) + longer,
                problem.Worst is null ? problem.Evidence : $"{problem.Label}: {problem.Evidence}",
                problem.Holder,
                problem.Codes[0]
            ),
            .. from past in diagnosis.Over
            select new PastProblem(
                $"until {Moments.Clock(past.Last)}",
                "",
                Verdicts.Past(past, now),
                "",
                past.Alert.Code
            ),
        ];
    }
}
