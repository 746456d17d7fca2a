using System.Globalization;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Fixes;

/// <summary>The problem that a fix is for.</summary>
/// <param name="Name">The name of the pool or failure.</param>
/// <param name="Netns">The network namespace; empty for the whole machine.</param>
/// <param name="Subject">The process or service; empty where the problem is about the whole pool.</param>
sealed record FixProblem(string Name, string Netns, string Subject)
{
    /// <summary>No problem: a record of an earlier version does not name it.</summary>
    public static FixProblem None { get; } = new("", "", "");
}

/// <summary>A line of the diary of fixes: a fix was applied, kept or undone.</summary>
/// <param name="Time">The time, in whole milliseconds.</param>
/// <param name="Fix">The number of the fix.</param>
/// <param name="Action">The action: applied, kept or undone.</param>
/// <param name="Problem">The problem.</param>
/// <param name="Text">The changes in words.</param>
sealed record FixEntry(DateTimeOffset Time, int Fix, string Action, FixProblem Problem, string Text)
{
    /// <summary>The action of a fix whose changes were made.</summary>
    public const string Applied = "applied";

    /// <summary>The action of a trial that became permanent.</summary>
    public const string Kept = "kept";

    /// <summary>The action of a fix whose values were put back.</summary>
    public const string Undone = "undone";

    const char Separator = '\t';
    const int Parts = 7;

    /// <summary>Creates an entry for a fix now.</summary>
    public static FixEntry From(string action, FixRecord record, string text, DateTimeOffset now) =>
        new(
            DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
            record.Id,
            action,
            record.About,
            text
        );

    /// <summary>Returns changes in words.</summary>
    public static string Words(IEnumerable<Change> changes) =>
        string.Join(
            "; ",
            changes.Select(static change => $"{change.Target} from '{change.Before}' to '{change.After}'")
        );

    /// <summary>Returns the line, without its end.</summary>
    public string Line() =>
        string.Join(
            Separator,
            new[]
            {
                Time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
                Fix.ToString(CultureInfo.InvariantCulture),
                Action,
                Problem.Name,
                Problem.Netns,
                Problem.Subject,
                Text,
            }.Select(static part => VisibleText.Escape(OneLine.From(part)))
        );

    /// <summary>Reads a line; null where it is none.</summary>
    public static FixEntry? Parse(string line)
    {
        var parts = line.Split(Separator);
        return
            parts.Length == Parts
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && time <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var fix)
            && parts[2] is Applied or Kept or Undone
            ? new(
                DateTimeOffset.FromUnixTimeMilliseconds(time),
                fix,
                parts[2],
                new(parts[3], parts[4], parts[5]),
                parts[6]
            )
            : null;
    }
}
