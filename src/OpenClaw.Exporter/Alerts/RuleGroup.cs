using System.Collections.Immutable;

namespace OpenClaw.Exporter.Alerts;

/// <summary>A group of rules that Prometheus evaluates one after the other, the recording rules first.</summary>
/// <param name="Name">Its name behind <c>openclaw-network</c>, with a dash; empty for the first.</param>
/// <param name="Why">What is in it, as a comment in the file.</param>
/// <param name="Alerting">Its alerting rules.</param>
sealed record RuleGroup(string Name, string Why, params ImmutableArray<AlertingRule> Alerting)
{
    /// <summary>Its recording rules.</summary>
    public ImmutableArray<RecordingRule> Recording { get; init; } = [];

    /// <summary>The time between two evaluations; empty for Prometheus' own.</summary>
    public string Interval { get; init; } = "";

    /// <summary>The group as an element of the file's list.</summary>
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
