using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>Lays out the screen. The same facts, choices and size make the same lines.</summary>
/// <param name="model">The facts.</param>
/// <param name="state">The choices of the user.</param>
/// <param name="glyphs">The characters that the terminal can show.</param>
/// <param name="columns">The width.</param>
sealed class TopView(TopModel model, TopState state, Glyphs glyphs, int columns)
{
    const int RowsAtLeast = 6;
    const int VerdictLines = 3;

    static readonly ImmutableArray<(string Name, string Text)> Headings =
    [
        ("pool", "where"),
        ("destination", "held by"),
        ("process", "holds"),
        ("namespace", "fullest pool"),
    ];

    static readonly ImmutableArray<string> Orders = ["fullest", "most used", "name"];

    /// <summary>Returns the lines of a screen with so many rows.</summary>
    public List<ScreenLine> Screen(int rows)
    {
        var lines = new List<ScreenLine> { Head() };
        switch (state.Pane)
        {
            case Pane.Fix:
                state.LimitProblem(model.Present.Length);
                AddScrolled(lines, ProblemLines.Remedy(model, state.Problem, columns), rows);
                break;
            case Pane.Detail:
                AddScrolled(lines, Detail(), rows);
                break;
            case Pane.Help:
                AddScrolled(lines, TopKeys.Help(), rows);
                break;
            default:
                AddOverview(lines, rows);
                break;
        }

        while (lines.Count < rows - 1)
            lines.Add(new());
        lines = lines[..Math.Max(0, rows - 1)];
        lines.Add(Foot());
        return lines;
    }

    /// <summary>Returns all lines once, for an output that is no terminal: each problem and each tab.</summary>
    public List<ScreenLine> Whole()
    {
        var lines = new List<ScreenLine> { Head() };
        lines.AddRange(Verdict(int.MaxValue));
        lines.AddRange(ProblemLines.Short(model, int.MaxValue / 2));
        foreach (var tab in Enum.GetValues<Tab>())
        {
            var rows = model.Rows.Select(tab, state);
            if (rows.IsEmpty)
                continue;
            lines.Add(new());
            lines.Add(new(string.Create(CultureInfo.InvariantCulture, $"{tab} ({rows.Length})"), Ink.Bold));
            AddRows(lines, tab, rows, int.MaxValue, marksSelected: false);
        }

        return lines;
    }

    void AddOverview(List<ScreenLine> lines, int rows)
    {
        lines.AddRange(Verdict(VerdictLines));

        // The rows of the tab need their heading, the tabs and the keys.
        var room = rows - lines.Count - 3 - RowsAtLeast;
        lines.AddRange(ProblemLines.Short(model, Math.Max(1, room)));
        var shown = model.Rows.Select(state.Tab, state);
        lines.Add(Tabs(shown.Length));
        AddRows(lines, state.Tab, shown, rows - 1 - lines.Count, marksSelected: true);
    }

    void AddRows(List<ScreenLine> lines, Tab tab, ImmutableArray<TopRow> rows, int room, bool marksSelected)
    {
        if (rows.IsEmpty)
        {
            lines.Add(new(state.Filter.Length > 0 ? "  No row contains the filter." : "  None.", Ink.Faint));
            return;
        }

        var (name, rest) = Headings[(int)tab];
        var layout = new RowLines(rows, model.Trace, glyphs, columns);
        lines.Add(layout.Heading(name, rest));
        var place = marksSelected ? state.PlaceOf(rows) : -1;
        var page = Math.Max(1, room - 1);
        var first = rows.Length <= page ? 0 : Math.Clamp(place - (page / 2), 0, rows.Length - page);
        for (var at = first; at < rows.Length && at - first < page; at++)
            lines.Add(layout.Line(rows[at], at == place));
    }

    ScreenLine Head()
    {
        var time = model.Diagnosis.Time.UtcDateTime.ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        var line = new ScreenLine(model.Diagnosis.Host ?? "unknown host", Ink.Bold);
        if (model.Diagnosis.Kernel is { } kernel)
            line.Add($"  Linux {kernel}");
        var scope = model.Diagnosis.Scope?.Text ?? "1 network namespace; others may exist";
        var right = (state.IsPaused ? "PAUSED " : "") + Late() + time;
        var room = columns - line.Length - right.Length - 3;

        // The reason why others are missing is worth a place only where it has room.
        line.Add("  " + Columns.Cut(Columns.Count(scope) <= room ? scope : scope.Split(';')[0], room, glyphs.Cut));
        return line.Until(columns - right.Length).Add(right, model.Age > TopLoop.Late ? Ink.Magenta : Ink.Plain);
    }

    string Late() =>
        model.Age > TopLoop.Late && !state.IsPaused ? $"no reading since {Durations.Format(model.Age)}, last " : "";

    IEnumerable<ScreenLine> Verdict(int atMost)
    {
        var condition = model.Diagnosis.Condition.ToUpperInvariant();
        var all = TerminalText.Wrap(model.Diagnosis.Verdict, "", condition + ":", Math.Max(columns, 20));
        var ink = LevelWords.Colour(LevelWords.Condition(model.Diagnosis.Condition));
        for (var at = 0; at < all.Length && at < atMost; at++)
        {
            var text = at == atMost - 1 && all.Length > atMost ? all[at] + glyphs.Cut : all[at];
            yield return at == 0 ? new ScreenLine(condition, ink).Add(text[condition.Length..]) : new ScreenLine(text);
        }
    }

    ScreenLine Tabs(int count)
    {
        var line = new ScreenLine();
        foreach (var tab in Enum.GetValues<Tab>())
        {
            var isShown = tab == state.Tab;
            var name = string.Create(CultureInfo.InvariantCulture, $"{(int)tab + 1} {tab}");
            line.Add(isShown ? $"[{name}]" : $" {name} ", isShown ? Ink.Reverse : Ink.Plain);
        }

        var order = Orders[(int)state.Order] + (state.IsReversed ? ", reversed" : "");
        line.Add(string.Create(CultureInfo.InvariantCulture, $"  {count} by {order}"), Ink.Faint);
        if (state.Filter.Length > 0 || state.IsTyping)
            line.Add("  filter: ", Ink.Faint).Add(state.Filter, Ink.Bold);
        return line;
    }

    List<ScreenLine> Detail()
    {
        var rows = model.Rows.Select(state.Tab, state);
        var row = rows.FirstOrDefault(row => row.Name == state.Selected);
        if (row is null)
            return [new($"{state.Selected}: no longer there.")];
        var lines = new List<ScreenLine> { new(row.Name, Ink.Bold) };
        lines.AddRange(
            row.Facts.SelectMany(static fact => TerminalText.Wrap(fact, "  "))
                .Select(static text => new ScreenLine(text))
        );
        if (row.Related is [var only])
        {
            lines.AddRange(LevelLines(only));
            return lines;
        }

        if (row.Level is { } level)
            lines.AddRange(LevelLines(level));
        if (row.Related.IsEmpty)
            return lines;
        lines.Add(new());
        var related = row.Related.Select(static level => new TopRow(
            Titles.From(level.Pool),
            LevelWords.Place(level),
            level
        ));
        AddRows(lines, Tab.Pools, [.. related], int.MaxValue, marksSelected: false);
        return lines;
    }

    static IEnumerable<ScreenLine> LevelLines(PoolDocument level)
    {
        var texts = new List<string>();
        Add("  pool", Titles.From(level.Pool));
        if (LevelWords.Place(level) is { Length: > 0 } place)
            Add("  for", place);
        var used = level.Utilization is { } ratio ? $" ({Percentage.Format(ratio)})" : ", no known limit";
        Add("  used", LevelWords.Amount(level) + used);
        Add(
            "  thresholds",
            $"warning at {Percentage.Format(level.WarningRatio)}, critical at {Percentage.Format(level.CriticalRatio)}"
        );
        Add("  trend", LevelWords.Trend(level));
        foreach (var (index, holder) in level.Holders.Index())
            Add(index == 0 ? "  held by" : "", $"{holder.Name}: {LevelWords.WithUnit(level.Pool, holder.Count)}");
        if (level.Cgroup.Length > 0)
            Add("  owner", $"cgroup {level.Cgroup}");
        Add(level.Utilization >= 1 ? "  OpenClaw error" : "  OpenClaw error if full", string.Join(", ", level.Codes));
        return texts.Select(static text => new ScreenLine(text));

        void Add(string label, string text) => texts.AddRange(RemedyText.Labelled(label, text));
    }

    void AddScrolled(List<ScreenLine> lines, List<ScreenLine> text, int rows)
    {
        var page = rows - lines.Count - 1;
        state.LimitScroll(text.Count - page);
        lines.AddRange(text.Skip(state.Scroll).Take(page));
    }

    ScreenLine Foot()
    {
        if (state.IsTyping)
        {
            return new ScreenLine($"/{state.Filter}", Ink.Bold).Add(
                "   Enter keeps the filter, Esc clears it",
                Ink.Faint
            );
        }

        var keys = new ScreenLine(TopKeys.Foot(state.Pane), Ink.Faint);
        var source = Columns.Cut(model.Source, columns - keys.Length - 2, glyphs.Cut);
        return keys.Until(columns - Columns.Count(source)).Add(source, Ink.Faint);
    }
}
