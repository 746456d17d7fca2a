namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>A series that Prometheus makes out of others, for alerts to share.</summary>
/// <param name="Name">Its labels' level, the metric, and what was done to it.</param>
/// <param name="Why">Why it is as it is, for who reads the rules.</param>
/// <param name="Expression">What it is, in PromQL.</param>
sealed record RecordedSeries(string Name, string Why, string Expression)
{
    /// <summary>The rule as an element of a group's list.</summary>
    public string Render() => $"""
        {Text.Comment(Why, 105)}
        - record: {Name}
          expr: |-
        {Text.Indented(Expression, 4)}

        """;
}
