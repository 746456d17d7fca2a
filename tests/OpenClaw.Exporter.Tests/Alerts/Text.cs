using System.Text;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>Lines of rendered YAML.</summary>
static class Text
{
    /// <summary>Each line that is not empty, further to the right.</summary>
    public static string Indented(string text, int columns) =>
        string.Join('\n', text.Split('\n').Select(line => line.Length == 0 ? line : new string(' ', columns) + line));

    /// <summary>Words as comment lines of at most this width.</summary>
    public static string Comment(string words, int width)
    {
        var lines = new StringBuilder("#");
        var column = 1;
        foreach (var word in words.Split(' '))
        {
            if (column + 1 + word.Length > width)
            {
                lines.Append("\n#");
                column = 1;
            }

            lines.Append(' ').Append(word);
            column += 1 + word.Length;
        }

        return lines.ToString();
    }

    /// <summary>A Go template that chooses by the value of a label.</summary>
    /// <param name="label">Which one.</param>
    /// <param name="cases">The values, and what is printed then, unchanged.</param>
    /// <param name="otherwise">What is printed else.</param>
    public static string Choice(string label, IEnumerable<(string Value, string Text)> cases, string otherwise)
    {
        // The markers' dashes take the line breaks out again.
        var branches = cases.Select((branch, i) => $$$"""
            {{- {{{(i == 0 ? "if" : "else if")}}} eq $labels.{{{label}}} "{{{branch.Value}}}" -}}
            {{{Literal(branch.Text)}}}

            """);
        return string.Concat(branches) + $$$"""
            {{- else -}}
            {{{Literal(otherwise)}}}
            {{- end -}}
            """;
    }

    /// <summary>Text as a Go template prints it unchanged: a brace could begin an action, alone or with the brace after it.</summary>
    static string Literal(string text) => text.Replace("{", """{{ "{" }}""", StringComparison.Ordinal);
}
