using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using static OpenClaw.Exporter.Status.PageTables;

namespace OpenClaw.Exporter.Status;

/// <summary>A problem on the status page: its holders, the numbered steps and its effects, as HTML.</summary>
/// <param name="problem">The problem.</param>
/// <param name="diagnosis">The diagnosis that it belongs to.</param>
/// <param name="isFirst">True where the head of the page already has its headline and facts.</param>
sealed class ProblemPanel(Problem problem, Diagnosis diagnosis, bool isFirst)
{
    /// <summary>The limit on problems that the page shows.</summary>
    public const int AtMost = 12;

    const int RowsAtMost = 6;

    readonly StringBuilder _html = new();

    /// <summary>Renders the problem.</summary>
    public string Render()
    {
        var id = "p-" + problem.Name;
        var condition = SnakeCase.Convert(problem.Condition);
        _html.Append(
            $"<section class=\"panel problem {condition}\" aria-labelledby=\"{id}\" "
                + $"data-problem=\"{Text(problem.Name)}\">\n"
        );
        if (isFirst)
        {
            _html.Append($"<h2 id=\"{id}\" class=\"unseen\">{Text(problem.Label)}</h2>\n");
        }
        else
        {
            _html.Append(
                $"<p class=\"verdict\"><span class=\"badge {condition}\">{condition}</span> "
                    + $"{Text(problem.Label)} · {Text(Headlines.CodesOf(problem))}</p>\n"
                    + $"<h2 id=\"{id}\" class=\"headline\">{Text(problem.Headline)}</h2>\n"
                    + StatusPage.FactList(ProblemFacts.Collect(problem, diagnosis.Timeline, diagnosis.Snapshot.Time))
            );
        }

        _html.Append("<div class=\"parts\">\n");
        AddHolders();
        AddSteps();
        _html.Append("</div>\n");
        AddEffects();
        AddList("also", problem.Others);
        _html.Append("</section>\n");
        return _html.ToString();
    }

    void AddHolders()
    {
        var (rows, notes) = (problem.HolderRows, problem.HolderNotes);
        if (rows.IsEmpty && notes.IsEmpty)
            return;
        _html.Append("<div class=\"holders\">\n<h3>Held by</h3>\n");
        if (!rows.IsEmpty)
        {
            _html.Append(
                Rows(
                    [
                        "process",
                        "pid",
                        "container or unit",
                        problem.Worst!.Pool.Unit,
                        "share",
                        "age of oldest",
                        "growth",
                    ],
                    rows.Select(static row =>
                        (string[])[row.Name, row.Pid, row.Owner, row.Amount, row.Share, row.Oldest, row.Growth]
                    )
                )
            );
        }

        foreach (var note in notes)
            _html.Append($"<p class=\"note\">{Text(Verdicts.Capitalized(note))}.</p>\n");
        _html.Append("</div>\n");
    }

    void AddSteps()
    {
        _html.Append("<div class=\"todo\">\n<h3>What to do</h3>\n<ol class=\"steps\">\n");
        foreach (var step in problem.Steps)
        {
            _html.Append($"<li{ClassOf(step)}>{Text(step.Text)}");
            if (step.Command is { } command)
            {
                var text = Text(command);
                _html.Append(
                    $"\n<div class=\"command\"><code>{Command(command)}</code> <button type=\"button\" "
                        + $"aria-label=\"Copy {text}\" hidden>Copy</button>"
                );
                if (step.Note.Length > 0)
                    _html.Append($" <span class=\"note\">{Text(step.Note)}</span>");
                _html.Append("</div>\n");
            }

            _html.Append("</li>\n");
        }

        _html.Append("</ol>\n");
        if (problem.Remedy.Warning is { } warning)
            _html.Append($"<p class=\"note\">Caution: {Text(warning)}</p>\n");
        _html.Append("</div>\n");
    }

    static string ClassOf(Step step) =>
        step switch
        {
            { IsOther: true } => " class=\"brief other\"",
            { IsBrief: true } => " class=\"brief\"",
            _ => "",
        };

    /// <summary>Adds the failures that end with the problem, in one line.</summary>
    void AddEffects()
    {
        const string nothing = "Same cause, nothing to do: ";
        if (problem.Effects is [var only])
            _html.Append($"<p class=\"effect\">{nothing}{Text(only)}.</p>\n");
        if (problem.Effects.Length < 2)
            return;
        var count = problem.Effects.Length.ToString(CultureInfo.InvariantCulture);
        _html.Append(
            $"<details class=\"effect\" data-open=\"{Text(problem.Name)}\">\n"
                + $"<summary>{nothing}{count} effects</summary>\n"
        );
        AddList("list", problem.Effects);
        _html.Append("</details>\n");
    }

    void AddList(string kind, ImmutableArray<string> lines)
    {
        if (lines.IsEmpty)
            return;
        _html.Append($"<ul class=\"{kind}\">\n");
        foreach (var line in lines.Take(RowsAtMost))
            _html.Append($"<li>{(kind == "also" ? "Also: " : "")}{Text(line)}</li>\n");
        if (lines.Length > RowsAtMost)
            _html.Append(CultureInfo.InvariantCulture, $"<li>and {lines.Length - RowsAtMost} more</li>\n");
        _html.Append("</ul>\n");
    }
}
