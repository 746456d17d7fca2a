using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Cli;

/// <summary>Lays out a problem for a terminal, below its heading.</summary>
/// <param name="problem">The problem.</param>
/// <param name="timeline">The utilisations until now.</param>
/// <param name="isVerbose">True to keep every line.</param>
sealed class ProblemText(Problem problem, Timeline timeline, bool isVerbose)
{
    /// <summary>The limit on lines for one problem.</summary>
    const int LinesAtMost = 15;

    /// <summary>The limit on other places, and on effects, of one problem.</summary>
    const int RowsAtMost = 5;

    const int Always = RemedyText.Always;

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
        return cut == 0 ? lines : lines.Append($"  and {Counted.Format(cut, "more lines")}: -v");
    }

    List<(int Weight, ImmutableArray<string> Lines)> Parts()
    {
        var parts = new List<(int Weight, ImmutableArray<string> Lines)>();
        if (problem.Worst is null)
            Add(Always, TerminalText.Wrap(problem.Evidence + ".", "  "));
        else
            Add(Always, RemedyText.Labelled("  used", problem.Evidence));
        if (problem.Place.Length > 0)
            Add(Always, RemedyText.Labelled(problem.Worst?.Level.Pid is null ? "  for" : "  held by", problem.Place));
        foreach (var (index, holder) in Cut(problem.HolderLines).Index())
            Add(index == 0 ? Always : 6, RemedyText.Labelled(index == 0 ? "  held by" : "", holder));
        if (problem.ShowsOwner)
            Add(9, RemedyText.Labelled("  owner", problem.Owner));
        if (problem.When(timeline) is { Length: > 0 } trend)
            Add(problem.Worst is { IsExhausted: true } ? 2 : 9, RemedyText.Labelled("  trend", trend));
        if (problem.Worst is { } worst && ProblemFacts.PathOf(worst) is { } path)
            Add(7, RemedyText.Labelled("  path", $"{path.Text}, {path.Detail}"));
        foreach (var (index, other) in Cut(problem.Others).Index())
            Add(5, RemedyText.Labelled(index == 0 ? "  also" : "", other));
        Add(8, RemedyText.Labelled($"  {problem.CodeLabel}", string.Join(", ", problem.Codes)));
        foreach (var effect in Cut(problem.Effects))
            Add(4, RemedyText.Labelled("  effect", effect));
        parts.AddRange(RemedyText.Parts(RemedyDocument.From(problem.Remedy), problem.Fix, problem.Check));
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
}
