using System.Globalization;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>Shows problems: in short in the overview, and with the remedy in a view of its own.</summary>
static class ProblemLines
{
    const int Indent = 9;
    const int HoldersInShort = 2;

    /// <summary>Returns the lines of the overview, at most so many. The worst problem also shows what to do.</summary>
    /// <param name="model">The facts.</param>
    /// <param name="room">The number of lines.</param>
    public static List<ScreenLine> Short(TopModel model, int room)
    {
        var lines = new List<ScreenLine>();
        var left = model.Present.Length;
        foreach (var problem in model.Present)
        {
            var whole = InShort(problem, model.Present.Length == 1);
            var isLast = left == 1;
            if (lines.Count + whole.Count + (isLast ? 0 : 1) > room)
                whole = whole[..1];
            if (lines.Count + whole.Count + (isLast ? 0 : 1) > room)
                break;
            lines.AddRange(whole);
            left--;
        }

        if (left > 0)
            lines.Add(Indented($"and {Counted.Format(left, "more problems")}: f"));

        foreach (var past in model.Past.Take(room - lines.Count))
            lines.Add(new ScreenLine("over", Ink.Green).Until(Indent).Add(past.Evidence));
        return lines;
    }

    /// <summary>Returns the lines of a problem with its remedy, as the command diagnose prints it.</summary>
    /// <param name="model">The facts.</param>
    /// <param name="number">The number of the problem.</param>
    /// <param name="columns">The width. Longer commands go on in the next line, so that nothing is lost.</param>
    public static List<ScreenLine> Remedy(TopModel model, int number, int columns)
    {
        if (model.Present.IsEmpty)
            return [new("There is no problem to fix.")];
        var problem = model.Present[number];
        var lines = new List<ScreenLine>
        {
            Heading(problem, "")
                .Add(
                    string.Create(CultureInfo.InvariantCulture, $"  ({number + 1} of {model.Present.Length})"),
                    Ink.Faint
                ),
        };
        AddAll(RemedyText.Labelled("  evidence", Evidence(problem)));
        if (problem.Place.Length > 0)
            AddAll(RemedyText.Labelled("  for", problem.Place));
        foreach (var (index, holder) in problem.Holders.Index())
            AddAll(RemedyText.Labelled(index == 0 ? "  held by" : "", Part(problem, holder)));
        if (problem.Owner.Length > 0)
            AddAll(RemedyText.Labelled("  owner", problem.Owner));
        if (model.Diagnosis.Pools.FirstOrDefault(level => level.Pool == problem.Pool) is { } worst)
            AddAll(RemedyText.Labelled("  trend", LevelWords.Trend(worst)));
        AddAll(RemedyText.Labelled("  OpenClaw error", string.Join(", ", problem.Codes)));
        foreach (var effect in problem.Effects)
            AddAll(RemedyText.Labelled("  effect", effect));
        lines.Add(new());
        foreach (var (_, part) in RemedyText.Parts(problem.Remedy, problem.Fix, problem.Check))
            AddAll(part);
        return lines;

        void AddAll(IEnumerable<string> texts)
        {
            foreach (var text in texts.SelectMany(text => text.Chunk(Math.Max(columns, 20))))
                lines.Add(new(new string(text)));
        }
    }

    /// <summary>Returns a problem in three lines: what and where, who, and what to do.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="isOnly">True where the verdict has said the first two.</param>
    static List<ScreenLine> InShort(ProblemDocument problem, bool isOnly)
    {
        var lines = new List<ScreenLine>();
        if (!isOnly)
            lines.Add(Heading(problem, Left(problem)).Add(Where(problem)));
        if (!problem.Holders.IsEmpty && problem.Pool is not null && !(isOnly && problem.Holders.Length == 1))
        {
            var holders = problem.Holders.Take(HoldersInShort).Select(holder => Part(problem, holder));
            lines.Add(Indented("held by ").Add(string.Join("; ", holders)));
        }

        lines.Add(
            problem.Remedy.Command is { } command
                ? Indented("run now ").Add(command, Ink.Bold)
                : Indented("to do   ").Add(problem.Remedy.Advice)
        );
        return lines;
    }

    static ScreenLine Heading(ProblemDocument problem, string left)
    {
        var condition = LevelWords.Condition(problem.Condition);
        return new ScreenLine(problem.Condition.ToUpperInvariant(), LevelWords.Colour(condition))
            .Until(Indent)
            .Add(left + Titles.From(problem.Name.Replace("_total", "", StringComparison.Ordinal)), Ink.Bold);
    }

    /// <summary>Returns the part of a heading that must not be cut.</summary>
    static string Left(ProblemDocument problem) =>
        problem is { Pool: { } pool, Left: { } left } ? $"{LevelWords.WithUnit(pool, left)} left: " : "";

    static string Where(ProblemDocument problem)
    {
        if (problem.Pool is null)
            return $": {problem.Evidence}";
        return problem.Place.Length > 0 ? $", {problem.Place}" : "";
    }

    static string Evidence(ProblemDocument problem) =>
        problem is { Pool: { } pool, Left: { } left }
            ? $"{problem.Evidence}, {LevelWords.WithUnit(pool, left)} left"
            : problem.Evidence;

    static string Part(ProblemDocument problem, HolderDocument holder) =>
        problem.Pool is { } pool ? $"{holder.Name}: {LevelWords.WithUnit(pool, holder.Count)}" : holder.Name;

    static ScreenLine Indented(string text) => new ScreenLine().Until(Indent).Add(text);
}
