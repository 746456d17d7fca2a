using System.Text.RegularExpressions;

namespace OpenClaw.Exporter.Tests;

/// <summary>The rules of plain words that a program can check.</summary>
static partial class PlainWords
{
    const int WordsInProse = 25;
    const int WordsInLabel = 15;

    /// <summary>The name of another program, which looks like a metric's.</summary>
    const string OtherExporter = "node_exporter";

    /// <summary>Returns a line for each fault of a text.</summary>
    public static IEnumerable<string> FaultsOf(Passage passage)
    {
        var limit = passage.Use is PassageUse.Prose or PassageUse.Docstring ? WordsInProse : WordsInLabel;
        foreach (var sentence in Sentences(passage.Text))
        {
            var words = Word().Count(sentence);
            if (words > limit)
                yield return $"{words} words: {sentence}";
            if (
                RiddleAtTheBeginning().IsMatch(sentence)
                || (passage.Use == PassageUse.Docstring && NoSubject().IsMatch(sentence))
            )
            {
                yield return $"begins with a riddle: {sentence}";
            }

            if (Forbidden().Match(sentence) is { Success: true } found)
                yield return $"'{found.Value}': {sentence}";
            if (passage.Use != PassageUse.Docstring && OnlyInCode().Match(sentence) is { Success: true } term)
                yield return $"'{term.Value}': {sentence}";
        }

        if (passage.Use == PassageUse.Title && TitleFault(passage.Text) is { } fault)
            yield return $"{fault}: {passage.Text}";
    }

    /// <summary>Splits a text at full stops, question marks, exclamation marks and semicolons.</summary>
    internal static IEnumerable<string> Sentences(string text) =>
        EndOfSentence()
            .Split(Code().Replace(text, "`code`"))
            .Select(static sentence => sentence.Trim())
            .Where(static sentence => sentence.Length > 0);

    static string? TitleFault(string title)
    {
        if (MetricName().IsMatch(title) && title != OtherExporter)
            return "a metric name as a title";
        return !title.EndsWith('?') && Finite().IsMatch(title) ? "a title that is a sentence" : null;
    }

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Code();

    [GeneratedRegex(@"(?<=[.!?][""')]*)(?<!\b(?:e\.g|i\.e|vs|etc)\.)\s+|;\s+|\n\s*\n")]
    private static partial Regex EndOfSentence();

    [GeneratedRegex(@"\S*[\p{L}\p{N}]\S*")]
    private static partial Regex Word();

    [GeneratedRegex(@"^(Of|What|Whatever|Who|Whoever|Whose|Whom|Such|So many|One that|Those that|That which)\b")]
    private static partial Regex RiddleAtTheBeginning();

    /// <summary>Matches the beginning of a docstring that names neither an action nor a thing.</summary>
    [GeneratedRegex(@"^(How|Whether|One|That|Those)\b")]
    private static partial Regex NoSubject();

    /// <summary>Matches a word of the code that operators do not use.</summary>
    [GeneratedRegex(@"\bholders?\b", RegexOptions.IgnoreCase)]
    private static partial Regex OnlyInCode();

    /// <summary>Matches words of a translation, and relative clauses in which a noun has gone missing.</summary>
    [GeneratedRegex(
        @"\bMind:|\b(whoever|whatever|runs out of sight|looked into|is said|are said|is told|stands here"
            + @"|for want of|set up badly|held back|left behind|what is (normal|missing|new|left|shown)"
            + @"|of (which|whom|what|who)|(for|to) (which|whom)|(of|for|in|on|to|by|with|from) whose"
            + @"|not concerned|goes blind|see to|that one|gives up|(are|is|was) well(?! (above|below))|1 seconds)\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Forbidden();

    [GeneratedRegex("^`?[a-z0-9]+(_[a-z0-9]+)+`?$")]
    private static partial Regex MetricName();

    /// <summary>Matches the end or the verb of a sentence.</summary>
    [GeneratedRegex(@"[.:!]$|\b(is|are|was|were|has|have|had|does|do|did|cannot|can|will|would|must|says)\b")]
    private static partial Regex Finite();
}
