using System.Collections.Immutable;

namespace OpenClaw.Exporter.Alerts;

/// <summary>A group of rules that Prometheus evaluates one after the other, the recording rules first.</summary>
/// <param name="Name">The name after <c>openclaw-network</c>, with a dash; empty for the first group.</param>
/// <param name="Why">The contents of the group, as a comment in the file.</param>
/// <param name="Alerting">The alerting rules.</param>
sealed record RuleGroup(string Name, string Why, params ImmutableArray<AlertingRule> Alerting)
{
    /// <summary>The recording rules.</summary>
    public ImmutableArray<RecordingRule> Recording { get; init; } = [];

    /// <summary>The time between two evaluations; empty for the default of Prometheus.</summary>
    public string Interval { get; init; } = "";

    /// <summary>Renders the group as an element of the file's list.</summary>
    public string Render(RuleOptions options)
    {
        var recording = Recording.Select(rule => rule.Render(options));
        var rules = recording.Concat(Alerting.Select(rule => rule.Render(options)));
        return $"""
            {RuleText.Comment(Why, 118)}
            - name: openclaw-network{Name}
            {(Interval.Length == 0 ? "" : $"  interval: {Interval}\n")}  rules:
            {RuleText.Indented(string.Join('\n', rules), 4)}
            """;
    }
}
