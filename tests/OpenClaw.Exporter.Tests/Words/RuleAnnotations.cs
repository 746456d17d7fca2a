using System.Text.RegularExpressions;

namespace OpenClaw.Exporter.Tests;

/// <summary>The annotations of the shipped alerting rules, as a receiver reads them.</summary>
static partial class RuleAnnotations
{
    const string Path = "alerts/openclaw-network.rules.yml";

    /// <summary>Returns the summaries and descriptions. The longest branch of a condition counts.</summary>
    public static IEnumerable<Passage> Read()
    {
        var lines = File.ReadAllLines(Repository.PathOf(Path));
        for (var i = 1; i < lines.Length; i++)
        {
            var key = lines[i - 1].Trim();
            if (key is "summary: |-" or "description: |-")
            {
                var use = key.StartsWith('s') ? PassageUse.Label : PassageUse.Prose;
                yield return new("alert annotations", $"{Path}({i + 1})", use, Rendered(lines[i].Trim()));
            }
        }
    }

    static string Rendered(string template)
    {
        for (var next = Innermost().Replace(template, Longest); next != template; )
            (template, next) = (next, Innermost().Replace(next, Longest));
        return Value().Replace(template, "`value`");
    }

    static string Longest(Match condition) =>
        Else().Split(condition.Groups["branches"].Value).MaxBy(static branch => branch.Length) ?? "";

    [GeneratedRegex(@"\{\{ ?(if|with) [^}]*\}\}(?<branches>((?!\{\{ ?(if|with|end)\b).)*)\{\{ ?end ?\}\}")]
    private static partial Regex Innermost();

    [GeneratedRegex(@"\{\{ ?else[^}]*\}\}")]
    private static partial Regex Else();

    [GeneratedRegex(@"\{\{[^}]*\}\}")]
    private static partial Regex Value();
}
