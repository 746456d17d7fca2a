using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Alerts;

/// <summary>Label matchers for every series of the exporter, such as <c>job="openclaw",cluster="a"</c>.</summary>
sealed partial class LabelSelector
{
    readonly ImmutableArray<(string Label, string Text)> _matchers;

    LabelSelector(ImmutableArray<(string Label, string Text)> matchers) => _matchers = matchers;

    /// <summary>Matches every series.</summary>
    public static LabelSelector Empty { get; } = new([]);

    /// <summary>True when every series matches.</summary>
    public bool IsEmpty => _matchers.IsEmpty;

    /// <summary>Parses matchers as PromQL writes them between braces. The braces are optional.</summary>
    /// <param name="text">The matchers, separated by commas.</param>
    /// <exception cref="SettingException">The text is no selector.</exception>
    public static LabelSelector Parse(string text)
    {
        var inner = text.Trim();
        if (inner is ['{', .., '}'])
            inner = inner[1..^1].Trim();
        var matchers = ImmutableArray.CreateBuilder<(string, string)>();
        for (var rest = inner; rest.Length > 0; )
        {
            var matcher = Matcher.Match(rest);
            if (!matcher.Success)
                throw Unexpected(rest);
            var label = matcher.Groups["label"].Value;
            if (label == "__name__")
                throw new SettingException("__name__ is not possible: each rule names its own metrics");
            matchers.Add((label, $"{label}{matcher.Groups["operator"].Value}{matcher.Groups["value"].Value}"));
            rest = rest[matcher.Length..];
        }

        if (matchers.Count == 0)
            throw Unexpected(text);
        return new(matchers.ToImmutable());
    }

    /// <summary>Adds the matchers to the exporter's own metrics and to the series recorded from them.</summary>
    /// <param name="expression">The expression, in PromQL.</param>
    public string Apply(string expression) => Token.Replace(expression, token =>
        {
            var metric = token.Groups["metric"].Value;
            var known = IsOwn(metric) ? _matchers.Where(matcher => Has(metric, matcher.Label)).ToList() : [];
            if (known.Count == 0)
                return token.Value;
            var matchers = string.Join(',', known.Select(static matcher => matcher.Text));
            return token.Groups["brace"].Success ? $"{metric}{{{matchers}," : $"{metric}{{{matchers}}}";
        });

    /// <summary>
    /// Returns the exporter's own metrics in an expression. It skips other series and the text in strings.
    /// </summary>
    public static IEnumerable<string> Metrics(string expression) =>
        Token.Matches(expression).Select(static token => token.Groups["metric"].Value).Where(IsOwn);

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', _matchers.Select(static matcher => matcher.Text));

    static SettingException Unexpected(string text) =>
        new($"expected label=\"value\" with one of = != =~ !~, found '{VisibleText.Escape(text)}'");

    static bool IsOwn(string metric) => metric.Contains("openclaw_network_", StringComparison.Ordinal);

    // A series that is recorded by job has no other label. The other matchers selected the series that it is recorded
    // from.
    static bool Has(string metric, string label) =>
        label == "job" || !metric.StartsWith("job:", StringComparison.Ordinal);

    /// <summary>Matches a string, or an identifier with the opening brace of its matchers.</summary>
    [GeneratedRegex(
        """
            "(?:[^"\\]|\\.)*"|(?<metric>[A-Za-z_:][A-Za-z0-9_:]*)(?<brace>\{)?
            """
    )]
    static partial Regex Token { get; }

    /// <summary>The characters that would break the line of the rules file, or are invisible there.</summary>
    const string Hidden = @"\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Zl}\p{Zp}";

    /// <summary>
    /// The escapes of Go's strings except the quote. PromQL refuses other escapes, such as <c>\d</c>.
    /// </summary>
    const string Escape = @"\\(?:[abfnrtv\\]|[0-3][0-7]{2}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})";

    const string DoubleQuoted = $"""
        "(?:[^"\\{Hidden}]|\\"|{Escape})*"
        """;

    const string SingleQuoted = $@"'(?:[^'\\{Hidden}]|\\'|{Escape})*'";

    const string BackQuoted = $"`[^`{Hidden}]*`";

    const string Name = @"(?<label>[A-Za-z_][A-Za-z0-9_]*)\s*(?<operator>=~|!~|!=|=)";

    /// <summary>Matches a matcher and the comma after it.</summary>
    [GeneratedRegex($@"^{Name}\s*(?<value>{DoubleQuoted}|{SingleQuoted}|{BackQuoted})\s*(?:,\s*|\z)")]
    static partial Regex Matcher { get; }
}
