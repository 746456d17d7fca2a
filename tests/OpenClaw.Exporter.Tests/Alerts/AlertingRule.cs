using System.Collections.Immutable;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>One alert of the rules file.</summary>
sealed record AlertingRule
{
    /// <summary>Where the pages about alerts are, one by name. Who publishes this elsewhere changes it here.</summary>
    public const string Runbooks = "https://github.com/openclaw/OpenClaw.Exporter/blob/main/alerts/runbooks/";

    public required string Name { get; init; }

    /// <summary>Why it is as it is, for who reads the rules.</summary>
    public required string Why { get; init; }

    /// <summary>critical wakes somebody up, warning is for working hours.</summary>
    public required string Severity { get; init; }

    /// <summary>The OpenClaw error code, or a template that chooses it; empty when the series has it as a label, or when there is none.</summary>
    public string Code { get; init; } = "";

    /// <summary>The pool that it shows the exhaustion of, with <see cref="Code"/>'s way to be empty.</summary>
    public string Pool { get; init; } = "";

    /// <summary>What is wrong, in PromQL.</summary>
    public required string Expression { get; init; }

    /// <summary>How long it must be wrong.</summary>
    public required string For { get; init; }

    /// <summary>How long it must be right again.</summary>
    public required string KeepFiringFor { get; init; }

    /// <summary>One sentence for somebody who was asleep.</summary>
    public required string Summary { get; init; }

    /// <summary>The same for who reads a list of alerts, without labels.</summary>
    public required string Headline { get; init; }

    /// <summary>The pools whose exhaustion it may be about.</summary>
    public ImmutableArray<string> Causes { get; init; } = [];

    /// <summary>What that means.</summary>
    public required string Description { get; init; }

    /// <summary>What to do.</summary>
    public required string Remedy { get; init; }

    /// <summary>The rule as an element of a group's list.</summary>
    public string Render() => $"""
        {Text.Comment(Why, 105)}
        - alert: {Name}
          expr: |-
        {Text.Indented(Expression, 4)}
          for: {For}
          keep_firing_for: {KeepFiringFor}
          labels:
            severity: {Severity}
        {Label("code", Code)}{Label("pool", Pool)}  annotations:
        {Annotation("summary", Summary)}
        {Annotation("description", Description)}
        {Annotation("remedy", Remedy)}
            runbook_url: {Runbooks}{Name}.md

        """;

    static string Label(string name, string value) => value.Length == 0 ? "" : $"    {name}: {(value.Contains('{', StringComparison.Ordinal) ? $"'{value}'" : value)}\n";

    static string Annotation(string name, string text) => $"    {name}: |-\n{Text.Indented(text, 6)}";
}
