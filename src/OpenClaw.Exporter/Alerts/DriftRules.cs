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
                    "Only a setting that was right a day ago counts. A setting that was always "
                    + "different is no drift. A reported setting stays reported until it is right "
                    + "again: the alert's own series replaces the value of the day before.",
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
                Headline = "a sysctl will change at the next reboot of the machine",
                Summary = "{{ $labels.key }} will change at the next reboot of {{ $labels.instance }}",
                Description =
                    "The present value of {{ $labels.key }} is lost at a reboot. Somebody set it by "
                    + "hand, or its sysctl.d file changed or is gone.",
                Remedy =
                    $"Decide which value is right. Write it into {SysctlChange.PersistenceFile} and "
                    + "run sysctl --system",
            },
            new()
            {
                Name = "OpenClawRestartPending",
                Why = "After one hour, because a deployment may lie between a change of the file and the restart.",
                Severity = "warning",
                Code = ClwCodes.ResourceLimit,
                Pool = PoolCatalogue.ProcessFileDescriptors.Name,
                Expression = "openclaw_network_restart_pending == 1",
                For = "1h",
                KeepFiringFor = "5m",
                Headline = "a service runs with a descriptor limit other than its configured one",
                Summary =
                    "{{ $labels.service }} runs with a descriptor limit other than its configured one "
                    + "on {{ $labels.instance }}",
                Description =
                    "The soft RLIMIT_NOFILE of a process of {{ $labels.service }} differs from max-open-files "
                    + "in its configuration, or from LimitNOFILE= of its systemd unit.",
                Remedy =
                    "Restart {{ $labels.service }}. If the limit still differs, its unit or container "
                    + "sets it: LimitNOFILE=, --ulimit",
            },
            new()
            {
                Name = "OpenClawPortRangeOdd",
                Why =
                    "connect() and bind() first search every second port, and assume equally many odd "
                    + "and even ports.",
                Severity = "warning",
                Code = ClwCodes.PortConflict,
                Pool = PoolCatalogue.EphemeralBindPorts.Name,
                Expression = "openclaw_network_port_range_odd == 1",
                For = "1h",
                KeepFiringFor = "5m",
                Headline = "one port of the ephemeral range is never used",
                Summary = "one port of the ephemeral range is never used on {{ $labels.instance }}",
                Description =
                    "net.ipv4.ip_local_port_range has an odd number of ports, and the kernel never "
                    + "uses one of them. Calls fail while one port is free.",
                Remedy = "Move one end of the range by one. sysctl net.ipv4.ip_local_port_range shows the range",
            },
            new()
            {
                Name = "OpenClawNamespacesLeaked",
                Why =
                    "Five more than before, for an hour. Namespaces kept on purpose have no process "
                    + "either, but their number does not grow. The alert stays until the leaked ones "
                    + "are gone. It has no pool, because the contents decide which pool they use up.",
                Severity = "warning",
                Code = ClwCodes.NetworkExhausted,
                Expression = $"openclaw_network_namespaces_leaked - {NamespacesBefore.Name} >= 5",
                For = "1h",
                KeepFiringFor = "30m",
                Headline = "network namespaces are leaked",
                Summary = "{{ $value }} network namespaces are leaked on {{ $labels.instance }}",
                Description =
                    "They have a name, but neither a process nor a socket. Each keeps its interfaces, "
                    + "addresses and tracked connections.",
                Remedy =
                    "List them with ip netns list and find the program that made them. ip netns "
                    + "delete NAME removes one",
            },
        ];

    /// <summary>The number of leaked namespaces six hours ago, or six hours before the alert fired.</summary>
    public static RecordingRule NamespacesBefore =>
        new(
            "instance:openclaw_network_namespaces_leaked:before",
            "Only where there are five or more, which few machines have. Once the alert "
                + "fires, the value stays as it was. So the alert ends when the namespaces are "
                + "gone, not when their number stops growing.",
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
