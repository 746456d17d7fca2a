using System.Collections.Immutable;
using OpenClaw.Exporter.Fixes;

namespace OpenClaw.Exporter.Episodes;

/// <summary>Adds the actions of fixes to the episodes of their problems.</summary>
static class EpisodeFixes
{
    /// <summary>Returns an episode list with the entries of a diary that it lacks.</summary>
    /// <param name="episodes">The episodes, in the order of their begin.</param>
    /// <param name="entries">The entries, the oldest first.</param>
    public static ImmutableArray<Episode> Add(ImmutableArray<Episode> episodes, ImmutableArray<FixEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (episodes.LastOrDefault(episode => IsAbout(entry, episode)) is not { } episode)
                continue;
            var fix = new EpisodeFix(entry.Time, entry.Fix, entry.Action, Bounded.Text(entry.Text));
            if (episode.Fixes.Contains(fix))
                continue;
            episodes = episodes.Replace(
                episode,
                episode with
                {
                    Fixes = [.. episode.Fixes.Append(fix).TakeLast(Bounded.Items)],
                }
            );
        }

        return episodes;
    }

    /// <summary>A fix is applied while its problem lasts, or soon after. Later actions name the same fix.</summary>
    static bool IsAbout(FixEntry entry, Episode episode)
    {
        if (episode.Name != entry.Problem.Name || episode.Subject != Bounded.Text(entry.Problem.Subject))
            return false;
        if (entry.Action != FixEntry.Applied)
            return episode.Fixes.Any(fix => fix.Fix == entry.Fix && fix.Time <= entry.Time);
        var isThere =
            episode.Netns.IsEmpty || entry.Problem.Netns.Length == 0 || episode.Netns.Contains(entry.Problem.Netns);
        return isThere
            && episode.Begin <= entry.Time
            && (episode.End is not { } end || entry.Time <= end + EpisodeHistory.Again);
    }
}
