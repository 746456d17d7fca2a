namespace OpenClaw.Exporter.Alerts;

/// <summary>A recording rule: a series that Prometheus makes out of others, for several alerts to read.</summary>
/// <param name="Name">The level of its labels, the metric and the operation, as Prometheus recommends.</param>
/// <param name="Why">The reason for it, as a comment in the file.</param>
/// <param name="Expression">Its value, in PromQL.</param>
sealed record RecordingRule(string Name, string Why, string Expression)
{
    /// <summary>The rule as an element of a group's list.</summary>
    public string Render(RuleOptions options) =>
        $"""
            {RuleText.Comment(Why, 105)}
            - record: {Name}
              expr: |-
            {RuleText.Indented(options.Selector.Apply(Expression), 4)}

            """;
}
