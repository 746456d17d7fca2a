using System.Collections.Immutable;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli;

/// <summary>Lays out text for a terminal.</summary>
static class TerminalText
{
    const int Width = 80;

    /// <summary>
    /// Wraps text at the width of a terminal; a longer word stays whole. The text contains names that any user chooses,
    /// so control characters of the terminal are escaped.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="indent">The start of every line but the first.</param>
    /// <param name="first">The start of the first line; null for the same.</param>
    /// <param name="width">The columns of a line.</param>
    public static ImmutableArray<string> Wrap(string text, string indent, string? first = null, int width = Width)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        var line = first ?? indent;
        var isEmpty = line.Length == 0 || line[^1] == ' ';
        foreach (
            var part in VisibleText
                .Escape(text)
                .Split(' ', text.Length == 0 ? StringSplitOptions.RemoveEmptyEntries : StringSplitOptions.None)
        )
        {
            if (!isEmpty && line.Length + 1 + part.Length > width)
            {
                lines.Add(line);
                line = indent;
                isEmpty = true;
            }

            line += isEmpty ? part : " " + part;
            isEmpty = false;
        }

        lines.Add(line);
        return lines.ToImmutable();
    }
}
