using System.Text;

namespace OpenClaw.Exporter.Alerts;

/// <summary>Renders YAML lines and Go templates.</summary>
static class RuleText
{
    /// <summary>A template that names the network namespace, on a machine that has several.</summary>
    public const string InNamespace =
        """{{ with $labels.netns }}{{ if ne . "self" }} in network namespace {{ . }}{{ end }}{{ end }}""";

    /// <summary>Indents each line that is not empty.</summary>
    public static string Indented(string text, int columns) =>
        string.Join('\n', text.Split('\n').Select(line => line.Length == 0 ? line : new string(' ', columns) + line));

    /// <summary>Renders words as comment lines of at most this width.</summary>
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

    /// <summary>Renders a Go template that chooses by the value of a label.</summary>
    /// <param name="label">The label.</param>
    /// <param name="cases">The values, each with the text that is printed for it, unchanged.</param>
    /// <param name="otherwise">The text for other values.</param>
    public static string Choice(string label, IEnumerable<(string Value, string Text)> cases, string otherwise)
    {
        // The dashes of the markers remove the line breaks again.
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

    /// <summary>
    /// Escapes text for a Go template, so that it is printed unchanged. Two braces would start an action.
    /// </summary>
    static string Literal(string text) => text.Replace("{", """{{ "{" }}""", StringComparison.Ordinal);
}
