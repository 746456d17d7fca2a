using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Probe;

namespace OpenClaw.Exporter.Alerts;

/// <summary>
/// Prints a configuration of the Alertmanager. The inhibition rules follow from the causes in the diagnosis.
/// </summary>
static class AlertmanagerConfiguration
{
    /// <summary>Prints the whole file for these pools.</summary>
    public static string Print(ImmutableArray<Pool> pools) =>
        $$"""
            # Printed by: openclaw-exporter rules --format=alertmanager
            # It is complete except for receivers: add yours to "page" and "ticket".
            # https://prometheus.io/docs/alerting/latest/configuration/#receiver-integration-settings
            route:
              receiver: ticket
              # One message for each machine and code, with all of its alerts.
              group_by: [cluster, instance, code]
              group_wait: 1m
              group_interval: 5m
              repeat_interval: 1d
              routes:
                - matchers: ['severity = "critical"']
                  receiver: page
                  # Long enough for cause and effect to arrive together.
                  group_wait: 15s
                  group_interval: 1m
                  repeat_interval: 1h

            receivers:
              - name: page
              - name: ticket

            # A pool at its critical threshold silences the alerts that it explains. A pool at its warning threshold has room
            # left, so a failure then has another cause.
            inhibit_rules:
              # A page about a pool silences the warnings about the same pool.
              - source_matchers: ['severity = "critical"', 'pool != ""']
                target_matchers: ['severity = "warning"', 'pool != ""']
                equal: [cluster, job, instance, pool, netns, subject]

              # A full pool silences the failures that it causes.
            {{string.Concat(pools.Select(Effects)).TrimEnd()}}

              # Connections to one destination take their ports from bind() too; bound sockets take them from every destination.
            {{SamePorts(PoolCatalogue.EphemeralConnectPorts, PoolCatalogue.EphemeralBindPorts)}}
            {{SamePorts(PoolCatalogue.EphemeralBindPorts, PoolCatalogue.EphemeralConnectPorts)}}

              # A full pool silences the codes that OpenClaw reports because of it.
            {{string.Concat(ClwCodes.All.Select(Codes)).TrimEnd()}}

            """;

    /// <summary>
    /// The inhibition rules from one pool to the failures that it causes; empty when it causes no visible failure.
    /// </summary>
    static string Effects(Pool pool)
    {
        var failures = FailureRules.All.Where(rule => rule.Causes.Contains(pool.Name)).ToList();
        var operations = Enum.GetValues<ProbeOperation>()
            .Where(operation => Alert.OfProbe(operation).Causes.Contains(pool))
            .Select(static operation => SnakeCase.Convert(operation))
            .ToList();

        // A pool of the whole machine has no netns and explains failures in every namespace.
        var equal = pool.Scope == PoolScope.Host ? "[cluster, job, instance]" : "[cluster, job, instance, netns]";

        // The probe connects to an unused destination. Its series has the subject *.
        var subject = pool.Name == "ephemeral_connect_ports" ? "', 'subject = \"*\"" : "";
        return (failures.Count == 0 ? "" : Rule("", Named(failures)))
            + (
                operations.Count == 0
                    ? ""
                    : Rule(
                        subject,
                        $"alertname = \"OpenClawProbeFailing\"', 'operation =~ \"{string.Join('|', operations)}\""
                    )
            );

        string Rule(string subject, string target) =>
            $"""
                  - source_matchers: ['alertname = "OpenClawPoolCritical"', 'pool = "{pool.Name}"{subject}']
                    target_matchers: ['{target}']
                    equal: {equal}

                """;

        static string Named(IEnumerable<AlertingRule> alerts) =>
            $"alertname =~ \"{string.Join('|', alerts.Select(static alert => alert.Name))}\"";
    }

    /// <summary>
    /// The inhibition rule between the two pools of ports. The subject * is a destination without a connection, whose
    /// ports only bound sockets can take.
    /// </summary>
    static string SamePorts(Pool cause, Pool effect)
    {
        var isConnect = cause == PoolCatalogue.EphemeralConnectPorts;
        return $"""
              - source_matchers: ['alertname = "OpenClawPoolCritical"', 'pool = "{cause.Name}"{(
                isConnect ? "', 'subject != \"*\"" : ""
            )}']
                target_matchers: ['alertname = "OpenClawPoolCritical"', 'pool = "{effect.Name}"{(
                isConnect ? "" : "', 'subject = \"*\""
            )}']
                equal: [cluster, job, instance, netns]
            """;
    }

    static string Codes(string code) =>
        $"""
              - source_matchers: ['alertname = "OpenClawPoolCritical"', 'code = "{code}"']
                target_matchers: ['alertname = "OpenClawErrorsReported"', 'code =~ "{string.Join(
                '|',
                ClwCodes.ShownBy(code)
            )}"']
                equal: [cluster, job, instance]

            """;
}
