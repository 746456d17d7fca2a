using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.Exporter.Alerts;

/// <summary>The rules about failures that already happen, at any use of the pools.</summary>
static class FailureRules
{
    /// <summary>
    /// The alerts that have a rule of this kind. A test fails when an alert is missing from the list.
    /// </summary>
    public static ImmutableArray<Alert> Alerts { get; } =
    [
        Alert.ConnectsRefused,
        Alert.ListenOverflows,
        Alert.ListenDrops,
        Alert.SynQueueFull,
        Alert.TimeWaitOverflows,
        Alert.TcpMemoryPressure,
        Alert.TcpAborts,
        Alert.UdpBufferErrors,
        Alert.ConntrackDrops,
        Alert.ConntrackEarlyDrops,
        Alert.ConntrackInsertFailures,
        Alert.ConntrackChains,
        Alert.SoftnetDrops,
        Alert.NeighbourTableFull,
        Alert.FileMaxReached,
        ServicePortSymptoms.UnreservedAlert,
        ServicePortSymptoms.TakenAlert,
    ];

    /// <summary>The rules, in the order of the alerts.</summary>
    public static ImmutableArray<AlertingRule> All { get; } = [.. Alerts.Select(Rule)];

    /// <summary>Returns the counters that an alert is about.</summary>
    public static ImmutableArray<Symptom> CountersOf(Alert alert) =>
        [.. SymptomCatalogue.All.Where(symptom => symptom.IsCounter && symptom.Alert == alert)];

    /// <summary>
    /// Returns the expression that holds when failures have lasted long enough. It tolerates one or two lost scrapes.
    /// </summary>
    /// <param name="matcher">The label matcher of the failures.</param>
    public static string Failing(string matcher)
    {
        var seconds = RecentFailure.Enough * Timeline.Slot.TotalSeconds;
        return $"last_over_time(openclaw_network_failing_seconds{{{matcher}}}[150s]) >= {seconds}";
    }

    static AlertingRule Rule(Alert alert)
    {
        var isCritical = alert.Severity == PoolCondition.Critical;
        return new()
        {
            Name = alert.RuleName,
            Why = isCritical
                ? "Packets or connections are refused. This pages at any utilisation, but late "
                    + "enough for a full pool that causes it to page first."
                : "Work is delayed, repeated or degraded. That is worth knowing, but no reason to "
                    + "wake anybody up.",
            Severity = SnakeCase.Convert(alert.Severity),
            Code = alert.Code,
            Pool = alert.Causes.FirstOrDefault()?.Name ?? "",
            Expression = $"""
                max without (alarm) (
                  {Failing($"alarm=\"{alert.Name}\"")}
                )
                """,
            For = isCritical ? "90s" : "3m",
            KeepFiringFor = "1m",
            Headline = alert.Headline,
            Causes = [.. alert.Causes.Select(static pool => pool.Name)],
            Summary = alert.Headline + RuleText.InNamespace + " on {{ $labels.instance }}",
            Description = Description(alert),
            Remedy = alert.Advice,
        };
    }

    static string Description(Alert alert)
    {
        var counters = CountersOf(alert);
        var sentences = counters
            .Select(static counter => $"openclaw_network_{counter.Name} rises: {counter.Help}")
            .ToList();
        sentences.AddRange(
            SymptomCatalogue
                .All.Where(symptom => !symptom.IsCounter && symptom.Alert == alert)
                .Select(static state => $"openclaw_network_{state.Name} is {state.Help}")
        );
        var kinds = Enum.GetValues<KernelLogKind>()
            .Where(kind => Alert.OfKernelLog(kind) == alert)
            .Select(static kind => SnakeCase.Convert(kind))
            .ToList();
        if (kinds.Count > 0)
        {
            var says = counters.IsEmpty ? "has a message" : "may have a message too";
            sentences.Add($"The kernel log {says} (kind {string.Join(", ", kinds)}).");
        }

        return $"{string.Join(' ', sentences)} OpenClaw reports that as {alert.Code}.";
    }
}
