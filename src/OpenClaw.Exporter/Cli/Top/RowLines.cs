using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>Lays out rows in columns: name, bar, percentage, amount, sparkline, and a text.</summary>
/// <param name="rows">The rows.</param>
/// <param name="trace">The utilisations for the sparklines.</param>
/// <param name="glyphs">The characters that the terminal can show.</param>
/// <param name="columns">The width.</param>
sealed class RowLines(ImmutableArray<TopRow> rows, UtilizationTrace trace, Glyphs glyphs, int columns)
{
    const int Marker = 2;
    const int PercentWidth = 5;
    const int NameAtLeast = 14;
    const int AmountAtMost = 24;
    const int RestAtLeast = 10;

    readonly int _amount = Math.Clamp(Widest(rows, Amount), 8, AmountAtMost);
    readonly int _rest = Math.Min(Widest(rows, static row => row.Rest), 60);

    /// <summary>The width of names: as wide as the widest, where the other columns leave room.</summary>
    int NameWidth =>
        Math.Clamp(
            Widest(rows, static row => row.Name),
            NameAtLeast,
            Math.Max(NameAtLeast, Room - SparkWidth - 1 - Math.Min(_rest == 0 ? 0 : RestAtLeast + 1, _rest + 1))
        );

    /// <summary>The columns for name, sparkline and text.</summary>
    int Room => columns - Marker - 1 - BarWidth - 1 - PercentWidth - 1 - _amount - 1;

    int SparkWidth =>
        columns switch
        {
            >= 140 => 30,
            >= 100 => 15,
            _ => 6,
        };

    int BarWidth => columns >= 100 ? 10 : 6;

    /// <summary>Returns the heading of the columns.</summary>
    /// <param name="name">The heading of the names.</param>
    /// <param name="rest">The heading of the texts.</param>
    public ScreenLine Heading(string name, string rest) =>
        new ScreenLine("", Ink.Faint).Add(
            new string(' ', Marker)
                + Columns.Fit(name, NameWidth, glyphs.Cut)
                + " "
                + "used".PadRight(BarWidth + 1 + PercentWidth + 1)
                + "amount".PadLeft(_amount)
                + " "
                + Columns.Fit(SparkWidth > 11 ? "last minute" : "trend", SparkWidth, glyphs.Cut)
                + (_rest > 0 ? " " + rest : ""),
            Ink.Faint
        );

    /// <summary>Returns the line of a row.</summary>
    public ScreenLine Line(TopRow row, bool isSelected)
    {
        var colour = row.Condition > PoolCondition.Ok ? LevelWords.Colour(row.Condition) : Ink.Plain;
        var line = new ScreenLine(isSelected ? "> " : "  ", Ink.Bold).Add(
            Columns.Fit(WithId(row.Name), NameWidth, glyphs.Cut),
            isSelected ? Ink.Reverse : colour
        );
        line.Add(" ");
        if (row.Level?.Utilization is { } ratio)
        {
            line.Add(glyphs.Bar(ratio, BarWidth), LevelWords.Colour(row.Condition))
                .Add(" ")
                .Add(Percentage.Format(ratio).PadLeft(PercentWidth), colour);
        }
        else
        {
            var word = row.Condition == PoolCondition.Unknown ? "unknown" : "no limit";
            line.Add(word.PadRight(BarWidth + 1 + PercentWidth), colour);
        }

        line.Add(" ").Add(Columns.Cut(Amount(row), _amount, glyphs.Cut).PadLeft(_amount)).Add(" ");
        line.Add(
            row.Level is { } level ? glyphs.Spark(trace.Find(level), SparkWidth) : new(' ', SparkWidth),
            Ink.Faint
        );
        return _rest > 0 ? line.Add(" ").Add(row.Rest) : line;
    }

    /// <summary>Cuts a name that is too long before the id of its process, which tells it from others.</summary>
    string WithId(string name)
    {
        var id = name.LastIndexOf(" (pid ", StringComparison.Ordinal);
        var width = id < 0 ? 0 : NameWidth - Columns.Count(name[id..]);
        return width > 0 ? Columns.Cut(name[..id], width, glyphs.Cut) + name[id..] : name;
    }

    static string Amount(TopRow row) => row.Level is { } level ? LevelWords.Amount(level) : "";

    static int Widest(ImmutableArray<TopRow> rows, Func<TopRow, string> text) =>
        rows.Select(row => Columns.Count(text(row))).DefaultIfEmpty().Max();
}
