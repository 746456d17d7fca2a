using System.Collections.Immutable;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli;

/// <summary>Lays out a remedy for a terminal.</summary>
static class RemedyText
{
    /// <summary>The weight of lines that are never left out.</summary>
    public const int Always = 10;

    const int LabelWidth = 28;

    /// <summary>Returns the lines of a remedy in their order, each with its weight.</summary>
    /// <param name="remedy">The remedy.</param>
    /// <param name="fix">The command of this program that makes its changes; null where none helps.</param>
    /// <param name="check">The command of this program that tests for connections; null where it tests nothing.</param>
    public static IEnumerable<(int Weight, ImmutableArray<string> Lines)> Parts(
        RemedyDocument remedy,
        string? fix,
        string? check
    )
    {
        yield return (9, TerminalText.Wrap(remedy.Advice, "  "));
        if (remedy.Command is { } command)
            yield return (Always, [Copied("  run now", command)]);
        if (remedy.Where is { } place)
            yield return (9, Labelled("  where", place));
        if (remedy.Persistence is { } persistence)
        {
            yield return (
                Always,
                [.. persistence.Split('\n').Select((line, i) => Copied(i == 0 ? "  make permanent" : "", line))]
            );
            var restart = remedy.NeedsRestart ? ", then restart the program" : "";
            yield return (9, Labelled("  file", $"{remedy.File}{restart}"));
        }

        if (fix is not null)
            yield return (Always, [Copied("  or with an undo", fix)]);
        if (check is not null)
            yield return (7, [Copied("  check connections", check)]);
        if (remedy.Drift is { } drift)
            yield return (3, TerminalText.Wrap(drift, "  "));
        if (remedy.Warning is { } warning)
            yield return (8, TerminalText.Wrap("Caution: " + warning, "  "));
    }

    /// <summary>Returns the lines of a text behind a label.</summary>
    public static ImmutableArray<string> Labelled(string label, string text) =>
        TerminalText.Wrap(text, new(' ', LabelWidth), label.PadRight(LabelWidth));

    /// <summary>Returns a line that is never wrapped, so that it can be copied.</summary>
    static string Copied(string label, string text) => $"{label.PadRight(LabelWidth)}{VisibleText.Escape(text)}";
}
