using System.Collections.Immutable;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Alerts;

/// <summary>Prints the rules as a file. Their thresholds are the exporter's own metrics.</summary>
static class RuleFile
{
    /// <summary>Prints a rules file of Prometheus.</summary>
    public static string Prometheus(RuleOptions options) => Prometheus(options, AlertCatalogue.Groups);

    /// <summary>Prints these groups as a rules file of Prometheus.</summary>
    public static string Prometheus(RuleOptions options, ImmutableArray<RuleGroup> groups) =>
        $"""
            # Printed by: openclaw-exporter rules{Flags(options)}
            # Needs Prometheus 2.42 or newer (keep_firing_for). Scrape every 15s to 1m; a scrape may be lost now and then.
            # Evaluate as often, or every 15s.
            #
            # Alerts carry the labels severity, code, pool and netns (none for a resource of the whole machine), and subject
            # where somebody in particular holds it: a destination, a process. An alert about no pool, or no code, has no
            # such label: Prometheus drops an empty one.
            {Print(groups, options)}
            """;

    /// <summary>Prints a PrometheusRule, which the Prometheus operator of Kubernetes reads.</summary>
    public static string PrometheusRule(RuleOptions options) =>
        $"""
            # Printed by: openclaw-exporter rules --format=prometheusrule{Flags(options)}
            apiVersion: monitoring.coreos.com/v1
            kind: PrometheusRule
            metadata:
              name: openclaw-exporter
            spec:
            {RuleText.Indented(Print(AlertCatalogue.Groups, options), 2)}
            """;

    static string Print(ImmutableArray<RuleGroup> groups, RuleOptions options)
    {
        var text = string.Join('\n', groups.Select(group => group.Render(options)));
        return $"groups:\n{RuleText.Indented(text.TrimEnd(), 2)}\n";
    }

    static string Flags(RuleOptions options)
    {
        var selector = options.Selector.IsEmpty ? "" : $" --selector={ShellWord.Quote($"{options.Selector}")}";
        var isPublished = options.RunbookBase == RuleOptions.PublishedRunbooks;
        return selector + (isPublished ? "" : $" --runbook-base={ShellWord.Quote(options.RunbookBase)}");
    }
}
