using System.Globalization;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli;

/// <summary>Prints episodes as text.</summary>
static class EpisodePrinter
{
    const int Row = 14;
    const int TitleColumns = 26;

    /// <summary>Prints a line for each episode, the newest first.</summary>
    public static void PrintList(TextWriter output, EpisodesDocument document, DateTimeOffset from)
    {
        if (document.Episodes.IsEmpty)
        {
            Print(output, NoneBecause(document, from), "");
            return;
        }

        output.WriteLine(Columns("EPISODE", "BEGIN (UTC)", "LASTED", "PEAK", "RESOURCE OR FAILURE", "HELD BY"));
        foreach (var episode in document.Episodes)
        {
            output.WriteLine(
                Columns(
                    episode.Number.ToString(CultureInfo.InvariantCulture),
                    Moments.Format(episode.Begin)["2026-".Length..^" UTC".Length],
                    Lasted(episode, document.Time),
                    episode.Peak is { } peak ? Percentage.Format(peak.Utilization) : "-",
                    VisibleText.Escape(episode.Title),
                    VisibleText.Escape(episode.Who)
                )
            );
        }
    }

    /// <summary>Says that there is no problem, and for how long of the time somebody looked.</summary>
    static string NoneBecause(EpisodesDocument document, DateTimeOffset from) =>
        document.WatchedSince switch
        {
            null => "No problem of this time is in the state directory. No exporter runs, so nobody looks now.",
            { } since when since > from =>
                $"No problem was recorded since {Moments.Format(since)}, when the exporter started.",
            _ => "No problem was recorded in this time.",
        };

    /// <summary>Prints an episode with all its evidence.</summary>
    public static void PrintOne(TextWriter output, Episode episode, DateTimeOffset now)
    {
        Print(
            output,
            string.Create(CultureInfo.InvariantCulture, $"Episode {episode.Number}: {episode.Title}"),
            "  ",
            ""
        );
        Print(output, episode.Verdict, "  ");
        Pair(output, "begin", $"{Moments.Format(episode.Begin)}, {Moments.Age(episode.Begin, now)}");
        Pair(output, "end", EndOf(episode, now));
        if (episode.Peak is { } peak)
        {
            Pair(output, "peak", $"{episode.Evidence}, {Moments.Format(peak.Time)}");
            Pair(output, "left", Left(peak));
        }
        else
        {
            Pair(output, "evidence", episode.Evidence);
        }

        Pair(output, "for", episode.Place);
        Pair(output, "in", string.Join(", ", episode.Netns));
        foreach (var holder in episode.HolderLines)
            Pair(output, "held by", holder);
        Pair(output, "effects", string.Join("; ", episode.Effects));
        Pair(output, "OpenClaw error", string.Join(", ", episode.Codes));
        Pair(
            output,
            "phases",
            string.Join(", ", episode.Phases.Select(static change => $"{Moments.Clock(change.Time)} {change.Phase}"))
        );
        foreach (var fix in episode.Fixes)
        {
            Pair(
                output,
                string.Create(CultureInfo.InvariantCulture, $"fix {fix.Fix}"),
                $"{fix.Action} {Moments.Format(fix.Time)}: {fix.Changes}"
            );
        }

        Pair(
            output,
            "before",
            string.Join(
                ", ",
                episode.Before.Select(static sample =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"-{sample.Seconds:0}s {Percentage.Format(sample.Utilization)}"
                    )
                )
            )
        );
    }

    /// <summary>Returns the amount that was left at the peak: "2 ports", "420 KiB".</summary>
    static string Left(EpisodePeak peak) =>
        peak.Unit == "bytes"
            ? ByteSize.Format(peak.Left)
            : string.Create(CultureInfo.InvariantCulture, $"{peak.Left:N0} {peak.Unit}");

    static string EndOf(Episode episode, DateTimeOffset now) =>
        episode switch
        {
            { End: null } => $"still lasts, for {Durations.Format(episode.Duration(now))}",
            { IsEndKnown: false } => $"unknown; last seen {Moments.Format(episode.LastSeen)}",
            { End: { } end } => $"{Moments.Format(end)}, after {Durations.Format(episode.Duration(now))}",
        };

    static string Lasted(Episode episode, DateTimeOffset now) =>
        episode.IsLasting ? "still lasts" : Durations.Format(episode.Duration(now));

    static string Columns(string number, string begin, string lasted, string peak, string title, string who) =>
        $"{number, 7}  {begin, -14}  {lasted, -11}  {peak, 6}  {title.PadRight(TitleColumns)}  {who}".TrimEnd();

    static void Pair(TextWriter output, string name, string text)
    {
        if (text.Length > 0)
            Print(output, text, new string(' ', Row + 4), $"  {name.PadRight(Row)}  ");
    }

    static void Print(TextWriter output, string text, string indent, string? first = null)
    {
        foreach (var line in TerminalText.Wrap(text, indent, first))
            output.WriteLine(line);
    }
}
