using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli;

/// <summary>Lays out a problem for a terminal, below its heading.</summary>
/// <param name="problem">The problem.</param>
/// <param name="timeline">The utilisations until now.</param>
/// <param name="isVerbose">True to keep every line.</param>
sealed class ProblemText(Problem problem, Timeline timeline, bool isVerbose)
{
    const int LabelWidth = 28;

    /// <summary>The limit on lines for one problem.</summary>
    const int LinesAtMost = 15;

    /// <summary>The limit on other places, and on effects, of one problem.</summary>
    const int RowsAtMost = 5;

    /// <summary>The weight of lines that are never left out.</summary>
    const int Always = 10;

    /// <summary>
    /// Returns the lines of a problem in their order, without those that matter least where there are too many. A
    /// command is never cut.
    /// </summary>
    public IEnumerable<string> Lines()
    {
        var parts = Parts();
        var cut = 0;
        while (!isVerbose && parts.Sum(static part => part.Lines.Length) + 1 > LinesAtMost - 1)
        {
            var least = parts.FindLastIndex(part => part.Weight == parts.Min(static part => part.Weight));
            if (parts[least].Weight == Always)
                break;
            cut += parts[least].Lines.Length;
            parts.RemoveAt(least);
        }

        var lines = parts.SelectMany(static part => part.Lines);
        return cut == 0
            ? lines
            : lines.Append(string.Create(CultureInfo.InvariantCulture, $"  and {cut} more lines: -v"));
    }

    List<(int Weight, ImmutableArray<string> Lines)> Parts()
    {
        var parts = new List<(int Weight, ImmutableArray<string> Lines)>();
        var remedy = problem.Remedy;
        if (problem.Worst is null)
            Add(Always, TerminalText.Wrap(problem.Evidence + ".", "  "));
        else
            Add(Always, Labelled("  used", problem.Evidence));
        if (problem.Place.Length > 0)
            Add(Always, Labelled(problem.Worst?.Level.Pid is null ? "  for" : "  held by", problem.Place));
        foreach (var (index, holder) in Cut(problem.HolderLines).Index())
            Add(index == 0 ? Always : 6, Labelled(index == 0 ? "  held by" : "", holder));
        if (problem.ShowsOwner)
            Add(9, Labelled("  owner", problem.Owner));
        if (problem.When(timeline) is { Length: > 0 } trend)
            Add(9, Labelled("  trend", trend));
        foreach (var (index, other) in Cut(problem.Others).Index())
            Add(5, Labelled(index == 0 ? "  also" : "", other));
        Add(8, Labelled($"  {problem.CodeLabel}", string.Join(", ", problem.Codes)));
        foreach (var effect in Cut(problem.Effects))
            Add(4, Labelled("  effect", effect));
        Add(9, TerminalText.Wrap(remedy.Advice, "  "));
        if (remedy.Command is { } command)
            Add(Always, [Copied("  run now", command)]);
        if (remedy.Where is { } place)
            Add(9, Labelled("  where", place));
        if (remedy.Persistence is { } persistence)
        {
            Add(
                Always,
                [.. persistence.Split('\n').Select((line, i) => Copied(i == 0 ? "  make permanent" : "", line))]
            );
            Add(9, Labelled("  file", $"{remedy.File}{(remedy.NeedsRestart ? ", then restart the program" : "")}"));
        }

        if (remedy.Drift is { } drift)
            Add(3, TerminalText.Wrap(drift, "  "));
        if (remedy.Warning is { } warning)
            Add(7, TerminalText.Wrap("Caution: " + warning, "  "));
        return parts;

        void Add(int weight, ImmutableArray<string> lines) => parts.Add((weight, lines));
    }

    /// <summary>Returns the first texts, and how many more there are.</summary>
    IEnumerable<string> Cut(ImmutableArray<string> texts) =>
        isVerbose || texts.Length <= RowsAtMost + 1
            ? texts
            : texts
                .Take(RowsAtMost)
                .Append(string.Create(CultureInfo.InvariantCulture, $"and {texts.Length - RowsAtMost} more: -v"));

    static ImmutableArray<string> Labelled(string label, string text) =>
        TerminalText.Wrap(text, new(' ', LabelWidth), label.PadRight(LabelWidth));

    /// <summary>Returns a line that is never wrapped, so that it can be copied.</summary>
    static string Copied(string label, string text) => $"{label.PadRight(LabelWidth)}{VisibleText.Escape(text)}";
}
