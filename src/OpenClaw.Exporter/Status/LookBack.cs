using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Status;

/// <summary>The last part of the page: problems that were, and those that last.</summary>
static class LookBack
{
    /// <summary>
    /// Returns the heading and the rows, the latest first: the episodes of the last 24 hours. Without any, the rows are
    /// what the history of the last minutes shows.
    /// </summary>
    /// <param name="diagnosis">The diagnosis of the page.</param>
    /// <param name="episodes">The episodes, in the order of their begin.</param>
    /// <param name="atMost">The limit on rows.</param>
    public static (string Title, ImmutableArray<PastProblem> Rows) Rows(
        Diagnosis diagnosis,
        ImmutableArray<Episode> episodes,
        int atMost
    )
    {
        var now = diagnosis.Snapshot.Time;
        var rows = episodes
            .Reverse()
            .Where(episode => (episode.End ?? now) > now - TimeSpan.FromDays(1))
            .Take(atMost)
            .Select(episode => Row(episode, now))
            .ToImmutableArray();
        return rows.IsEmpty
            ? (PastProblem.Title, [.. PastProblem.Collect(diagnosis).Take(atMost)])
            : ("Last 24 hours", rows);
    }

    static PastProblem Row(Episode episode, DateTimeOffset now)
    {
        var longer = episode.IsLasting || episode.IsEndKnown ? "" : " or longer";
        var peak = episode.Peak is { } fullest ? $"peak {Percentage.Format(fullest.Utilization)}" : episode.Evidence;
        if (episode.Fixes is [.., var last])
        {
            var number = last.Fix.ToString(CultureInfo.InvariantCulture);
            peak += $"; fix {number} {last.Action} {Moments.Clock(last.Time)}";
        }

        return new(
            Begin(episode.Begin, now) + (episode.IsLasting ? " – now" : ""),
            Durations.Format(episode.Duration(now)) + longer,
            episode.Place.Length > 0 ? $"{episode.Title} ({episode.Place}): {peak}" : $"{episode.Title}: {peak}",
            episode.Who,
            episode.Code
        );
    }

    /// <summary>Returns the time of day, with its day where that is not today.</summary>
    static string Begin(DateTimeOffset begin, DateTimeOffset now) =>
        (now.UtcDateTime.Date - begin.UtcDateTime.Date).Days switch
        {
            0 => Moments.Clock(begin),
            1 => $"yesterday {Moments.Clock(begin)}",
            _ => Moments.Format(begin),
        };
}
