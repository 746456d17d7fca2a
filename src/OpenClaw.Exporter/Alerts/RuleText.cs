using System.Text;

namespace OpenClaw.Exporter.Alerts;

/// <summary>Rendering of YAML lines and of Go templates.</summary>
static class RuleText
{
    /// <summary>A template that names the network namespace, on a machine that has several.</summary>
    public const string InNamespace =
        """{{ with $labels.netns }}{{ if ne . "self" }} in network namespace {{ . }}{{ end }}{{ end }}""";

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
    /// <param name="label">The label.</param>
    /// <param name="cases">Its values, and the text that is printed for each, unchanged.</param>
    /// <param name="otherwise">The text for other values.</param>
    public static string Choice(string label, IEnumerable<(string Value, string Text)> cases, string otherwise)
    {
        // The markers' dashes take the line breaks out again.
        var branches = cases.Select(
            (branch, i) =>
                $$$"""
                    {{- {{{(i == 0 ? "if" : "else if")}}} eq $labels.{{{label}}} "{{{branch.Value}}}" -}}
                    {{{Literal(branch.Text)}}}

                    """
        );
        return string.Concat(branches)
            + $$$"""
                {{- else -}}
                {{{Literal(otherwise)}}}
                {{- end -}}
                """;
    }

    /// <summary>Text that a Go template prints unchanged: two braces would begin an action.</summary>
    static string Literal(string text) => text.Replace("{", """{{ "{" }}""", StringComparison.Ordinal);
}
