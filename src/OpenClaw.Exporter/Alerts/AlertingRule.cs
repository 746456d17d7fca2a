using System.Collections.Immutable;

namespace OpenClaw.Exporter.Alerts;

/// <summary>An alerting rule: its expression, its times, and the labels and annotations of its alerts.</summary>
sealed record AlertingRule
{
    public required string Name { get; init; }

    /// <summary>The reason for the expression and its times, as a comment in the file.</summary>
    public required string Why { get; init; }

    /// <summary>The severity: critical wakes somebody up, warning is for working hours.</summary>
    public required string Severity { get; init; }

    /// <summary>
    /// The OpenClaw error code, or a template that chooses it. Empty when the series has it as a label, or there is
    /// none.
    /// </summary>
    public string Code { get; init; } = "";

    /// <summary>
    /// The pool whose exhaustion the alert shows, or a template that chooses it. Empty when the series has it as a
    /// label, or there is none.
    /// </summary>
    public string Pool { get; init; } = "";

    /// <summary>The condition that fires, in PromQL.</summary>
    public required string Expression { get; init; }

    /// <summary>The time that the condition must hold.</summary>
    public required string For { get; init; }

    /// <summary>The time that the alert continues to fire after the condition ended.</summary>
    public required string KeepFiringFor { get; init; }

    /// <summary>A sentence for an operator who was asleep.</summary>
    public required string Summary { get; init; }

    /// <summary>The same sentence for a list of alerts, without labels.</summary>
    public required string Headline { get; init; }

    /// <summary>The pools whose exhaustion may be the cause.</summary>
    public ImmutableArray<string> Causes { get; init; } = [];

    /// <summary>The consequence, in sentences.</summary>
    public required string Description { get; init; }

    /// <summary>The action to take.</summary>
    public required string Remedy { get; init; }

    /// <summary>Renders the rule as an element of a group's list.</summary>
    public string Render(RuleOptions options) =>
        $"""
            {RuleText.Comment(Why, 105)}
            - alert: {Name}
              expr: |-
            {RuleText.Indented(options.Selector.Apply(Expression), 4)}
              for: {For}
              keep_firing_for: {KeepFiringFor}
              labels:
                severity: {Severity}
            {Label("code", Code)}{Label("pool", Pool)}  annotations:
            {Annotation("summary", Summary)}
            {Annotation("description", Description)}
            {Annotation("remedy", Remedy)}
                runbook_url: {options.RunbookBase}{Name}.md

            """;

    static string Label(string name, string value)
    {
        if (value.Length == 0)
            return "";
        var isTemplate = value.Contains('{', StringComparison.Ordinal);
        return $"    {name}: {(isTemplate ? $"'{value}'" : value)}\n";
    }

    static string Annotation(string name, string text) => $"    {name}: |-\n{RuleText.Indented(text, 6)}";
}
