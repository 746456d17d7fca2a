namespace OpenClaw.Exporter.Alerts;

/// <summary>A recording rule: a series that Prometheus computes from others, for several alerts to read.</summary>
/// <param name="Name">The level of its labels, the metric and the operation, as Prometheus recommends.</param>
/// <param name="Why">The reason for it, as a comment in the file.</param>
/// <param name="Expression">The value, in PromQL.</param>
sealed record RecordingRule(string Name, string Why, string Expression)
{
    /// <summary>Renders the rule as an element of a group's list.</summary>
    public string Render(RuleOptions options) =>
        $"""
            {RuleText.Comment(Why, 105)}
            - record: {Name}
              expr: |-
            {RuleText.Indented(options.Selector.Apply(Expression), 4)}

            """;
}
