using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Episodes;

/// <summary>The answer to an error in the OpenClaw log.</summary>
/// <param name="Code">The code of the error.</param>
/// <param name="Time">The time of the error.</param>
/// <param name="Text">The answer as a sentence.</param>
/// <param name="Episodes">The numbers of the episodes that were its cause; none where the cause is unknown or not
/// recorded yet.</param>
sealed record ErrorAnswer(string Code, DateTimeOffset Time, string Text, ImmutableArray<long> Episodes)
{
    /// <summary>The codes that are answered; each has its last error.</summary>
    const int AtMost = 3;

    /// <summary>The age of errors that are answered.</summary>
    static readonly TimeSpan Span = TimeSpan.FromMinutes(15);

    /// <summary>The time between two snapshots without a scraper. A problem began or ended in it.</summary>
    static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(15);

    /// <summary>Returns the answer to the last error of each code, the newest first.</summary>
    /// <param name="errors">The errors in the log.</param>
    /// <param name="episodes">The recorded episodes.</param>
    /// <param name="watchedSince">The time from which the exporter recorded them; null where none runs.</param>
    /// <param name="diagnosis">The present diagnosis.</param>
    public static ImmutableArray<ErrorAnswer> Collect(
        IEnumerable<ClwEvent> errors,
        ImmutableArray<Episode> episodes,
        DateTimeOffset? watchedSince,
        Diagnosis diagnosis
    ) => [.. Recent(errors, diagnosis).Select(error => From(error, episodes, watchedSince, diagnosis))];

    /// <summary>Returns the last error of each code that is answered, the newest first.</summary>
    public static IEnumerable<ClwEvent> Recent(IEnumerable<ClwEvent> errors, Diagnosis diagnosis)
    {
        var now = diagnosis.Snapshot.Time;
        return errors
            .Where(error => now - error.Time is var age && age <= Span && age >= -Tolerance)
            .OrderByDescending(static error => error.Time)
            .DistinctBy(static error => error.Code)
            .Take(AtMost);
    }

    /// <summary>Returns the answer to an error.</summary>
    /// <param name="error">The error.</param>
    /// <param name="episodes">The recorded episodes.</param>
    /// <param name="watchedSince">The time from which the exporter recorded them; null where none runs.</param>
    /// <param name="diagnosis">The present diagnosis.</param>
    public static ErrorAnswer From(
        ClwEvent error,
        ImmutableArray<Episode> episodes,
        DateTimeOffset? watchedSince,
        Diagnosis diagnosis
    )
    {
        var what = $"{error.Code} at {Moments.Clock(error.Time)} UTC";
        var recorded = episodes
            .Where(episode => episode.Codes.Contains(error.Code) && episode.WasFailing(error.Time, Tolerance))
            .ToList();
        var causes = recorded.ConvertAll(static episode => Describe(episode));
        if (causes.Count == 0 && (diagnosis.Snapshot.Time - error.Time).Duration() <= Tolerance)
        {
            causes =
            [
                .. diagnosis
                    .Problems.Where(problem => problem.Phase == Phase.Failing && problem.Codes.Contains(error.Code))
                    .Select(static problem => Describe(problem.Title, problem.Evidence, problem.Place, problem.Holder)),
            ];
        }

        var text = (causes, watchedSince <= error.Time) switch
        {
            ([var one], _) => $"{what} was: {one}.",
            ([_, _, ..], _) => $"{what} was one of: {string.Join("; or ", causes)}.",
            (_, false) => $"{what}: the cause is unknown, because no exporter recorded that time.",
            _ => $"{what}: the cause is unknown. No recorded problem with this code failed at that time.",
        };
        return new(error.Code, error.Time, text, [.. recorded.Select(static episode => episode.Number)]);
    }

    static string Describe(Episode episode)
    {
        var end = episode.End is { } over
            ? string.Create(CultureInfo.InvariantCulture, $"until {over.UtcDateTime:HH:mm:ss}")
            : "and still lasts";
        return Describe(episode.Title, episode.Evidence, episode.Place, episode.Who)
            + string.Create(
                CultureInfo.InvariantCulture,
                $" (episode {episode.Number}, from {episode.Begin.UtcDateTime:HH:mm:ss} {end})"
            );
    }

    static string Describe(string title, string evidence, string place, string who)
    {
        var where = place.Length > 0 ? $", {place}" : "";
        return $"{title}, {evidence}{where}{(who.Length > 0 && who != place ? $", held by {who}" : "")}";
    }
}
