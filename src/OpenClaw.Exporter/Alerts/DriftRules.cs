using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Alerts;

/// <summary>The rules about settings that break at the next restart, and about leaked namespaces.</summary>
static class DriftRules
{
    /// <summary>The rules.</summary>
    public static ImmutableArray<AlertingRule> All =>
        [
            new()
            {
                Name = "OpenClawSysctlLost",
                Why =
                    "Only what was right a day ago: who never wanted it otherwise has no drift. What has been "
                    + "reported stays so until it is right again: the alert's own series stands for the day before.",
                Severity = "warning",
                Code = OfKey(static pool => pool.Code),
                Pool = OfKey(static pool => pool.Name),
                Expression = """
                    (
                        last_over_time(openclaw_network_sysctl_reverts[150s])
                      and on (job, instance)
                        openclaw_network_reader_success{reader="persisted_sysctls"} offset 1d == 1
                      unless
                        openclaw_network_sysctl_reverts offset 1d
                    )
                    or
                    (
                        last_over_time(openclaw_network_sysctl_reverts[150s])
                      and ignoring (alertname, alertstate, severity, code, pool)
                        last_over_time(ALERTS{alertname="OpenClawSysctlLost", alertstate="firing"}[1h])
                    )
                    """,
                For = "1h",
                KeepFiringFor = "30m",
                Headline = "a sysctl will be another at the next restart of the machine",
                Summary = "{{ $labels.key }} will be another at the next restart of {{ $labels.instance }}",
                Description =
                    "The value of {{ $labels.key }} is no longer the one that a restart brings back: it was "
                    + "set by hand, or the file changed or is gone.",
                Remedy =
                    $"Decide which of the two is right. Write that one into {SysctlChange.PersistenceFile} and run "
                    + "sysctl --system",
            },
            new()
            {
                Name = "OpenClawRestartPending",
                Why = "For an hour, since between a change of the file and the restart there may be a deployment.",
                Severity = "warning",
                Code = ClwCodes.ResourceLimit,
                Pool = PoolCatalogue.ProcessFileDescriptors.Name,
                Expression = "openclaw_network_restart_pending == 1",
                For = "1h",
                KeepFiringFor = "5m",
                Headline = "a service runs with another descriptor limit than it is configured with",
                Summary =
                    "{{ $labels.service }} runs with another descriptor limit than it is configured with "
                    + "on {{ $labels.instance }}",
                Description =
                    "The soft RLIMIT_NOFILE of a process of {{ $labels.service }} is not the max-open-files "
                    + "of its configuration, or not the LimitNOFILE= of its systemd unit.",
                Remedy =
                    "Start {{ $labels.service }} again. If the limit is still another then, its unit or container "
                    + "sets it: LimitNOFILE=, --ulimit",
            },
            new()
            {
                Name = "OpenClawPortRangeOdd",
                Why = "connect() and bind() search every second port first and compute the number of both kinds alike.",
                Severity = "warning",
                Code = ClwCodes.PortConflict,
                Pool = PoolCatalogue.EphemeralBindPorts.Name,
                Expression = "openclaw_network_port_range_odd == 1",
                For = "1h",
                KeepFiringFor = "5m",
                Headline = "one port of the ephemeral range is never used",
                Summary = "one port of the ephemeral range is never used on {{ $labels.instance }}",
                Description =
                    "net.ipv4.ip_local_port_range has an odd number of ports, of which the kernel leaves one "
                    + "out: with one port free, calls fail.",
                Remedy = "Move one end of the range by one: sysctl net.ipv4.ip_local_port_range shows it",
            },
            new()
            {
                Name = "OpenClawNamespacesLeaked",
                Why =
                    "More than before, for an hour: those that somebody keeps on purpose have no process either, and "
                    + "do not grow in number. It stays until they are gone. Which pool they use up depends on what is "
                    + "in them, so there is none.",
                Severity = "warning",
                Code = ClwCodes.NetworkExhausted,
                Expression = $"openclaw_network_namespaces_leaked - {NamespacesBefore.Name} >= 5",
                For = "1h",
                KeepFiringFor = "30m",
                Headline = "network namespaces are left behind",
                Summary = "{{ $value }} network namespaces were left behind on {{ $labels.instance }}",
                Description =
                    "They have a name, and neither a process nor a socket. Each keeps its interfaces, addresses and "
                    + "tracked connections.",
                Remedy = "See which (ip netns list) and who made them; ip netns delete NAME removes one",
            },
        ];

    /// <summary>The number of leaked namespaces six hours ago, or six hours before the alert fired.</summary>
    public static RecordingRule NamespacesBefore =>
        new(
            "instance:openclaw_network_namespaces_leaked:before",
            "Where there are five or more, as few machines have. Once the alert about them fires, it stays what "
                + "it was, "
                + "so that the alert ends when they are gone and not when no more are added.",
            """
            last_over_time(instance:openclaw_network_namespaces_leaked:before[10m])
            and ignoring (alertname, alertstate, severity, code)
              ALERTS{alertname="OpenClawNamespacesLeaked", alertstate="firing"}
            or
              openclaw_network_namespaces_leaked offset 6h
            and
              openclaw_network_namespaces_leaked >= 5
            """
        );

    /// <summary>Returns a template that chooses by the sysctl, whose value is the limit of a pool.</summary>
    static string OfKey(Func<Pool, string> property)
    {
        var cases =
            from key in KernelReaders.Sysctls
            let limited = PoolCatalogue.All.First(pool => pool.Sysctls.Contains(key))
            select (key, property(limited));
        return RuleText.Choice("key", cases, "").Replace("\n", "", StringComparison.Ordinal);
    }
}
