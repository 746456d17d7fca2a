using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The families about settings that will cause failures later: values that a restart undoes, and overlapping port
/// ranges.
/// </summary>
static class ConfigurationFamilies
{
    const int ServicesAtMost = 4;

    const string Prefix = "openclaw_network_";

    public static ImmutableArray<MetricFamily> All { get; } =
    [
        new(
            Prefix + "sysctl_persisted",
            MetricType.Gauge,
            "1 when the sysctl.d files give this key its present value, so that it survives a "
                + "reboot. 0 when another value returns, as far as that is known: from sysctl.d or "
                + "the kernel default. No series for other keys. The files are read as "
                + "systemd-sysctl reads them, below --path.rootfs.",
            "sysctl.d, /proc/sys",
            ["key"],
            static diagnosis =>
                diagnosis.Snapshot.Get<PersistedSysctls>().TryGet(out var persisted)
                    ? KernelReaders
                        .Sysctls.Where(key =>
                            persisted.ByKey.GetValueOrDefault(key) || persisted.Reverting.Contains(key)
                        )
                        .Select(key => new Sample(persisted.ByKey[key] ? 1 : 0, key))
                    : []
        ),
        new(
            Prefix + "sysctl_reverts",
            MetricType.Gauge,
            "1 for a key whose present value is lost at a reboot, as far as that is known. "
                + "sysctl.d has another value, or has none and the kernel default differs. A "
                + "default that depends on the machine counts if sysctl.d named the key since the "
                + "exporter started. No series for other keys.",
            "sysctl.d, /proc/sys",
            ["key"],
            static diagnosis =>
                diagnosis.Snapshot.Get<PersistedSysctls>().TryGet(out var persisted)
                    ? KernelReaders.Sysctls.Where(persisted.Reverting.Contains).Select(static key => new Sample(1, key))
                    : []
        ),
        OfSettings(
            "port_range_odd",
            "1 when the ephemeral port range has an odd number of ports. connect() and bind() "
                + "never use one of them.",
            "net.ipv4.ip_local_port_range",
            static settings => settings.LosesOnePort
        ),
        OfSettings(
            "node_port_range_overlap",
            "1 when the kernel may assign ports of 30000-32767, the NodePort range of "
                + "Kubernetes, as ephemeral ports. Irrelevant without Kubernetes, or with another "
                + "--service-node-port-range.",
            "net.ipv4.ip_local_port_range, ip_local_reserved_ports",
            static settings => settings.UsableCount(ServicePorts.FirstNodePort, ServicePorts.LastNodePort) > 0
        ),
        MetricFamily.OfNamespaces(
            Prefix + "listeners_in_ephemeral_range",
            MetricType.Gauge,
            "TCP ports in LISTEN that are in the ephemeral range and not reserved. After a "
                + "restart of the listener an outgoing connection may have its port.",
            "inet_diag; net.ipv4.ip_local_port_range, ip_local_reserved_ports",
            [],
            static view =>
                view.Get<TcpSockets>().Then(static sockets => sockets.Ports).TryGet(out var ports)
                    ? [new(ports.Listening)]
                    : []
        ),
        new(
            Prefix + "restart_pending",
            MetricType.Gauge,
            "1 when a restart would change the descriptor limit of a service's watched process. Its soft limit "
                + "differs from max-open-files in the configuration, or a Gateway's limit from LimitNOFILE= "
                + $"of its systemd unit. 0 when they agree. At most {ServicesAtMost} services.",
            "--openclaw.config; systemd unit of the Gateway; /proc/PID/limits",
            ["service"],
            static diagnosis =>
                diagnosis.Snapshot.Get<ProcessTable>().TryGet(out var table)
                    ? PendingRestarts(diagnosis.Snapshot, table).Take(ServicesAtMost)
                    : []
        ),
    ];

    static IEnumerable<Sample> PendingRestarts(Snapshot snapshot, ProcessTable table)
    {
        var services = snapshot.Get<ServiceConfiguration>().TryGet(out var configuration)
            ? PendingRestarts(configuration, table)
            : [];
        var units = snapshot.Get<FoundGateways>().TryGet(out var found) ? found.PendingRestarts(table) : [];
        return services
            .Concat(units)
            .DistinctBy(static service => service.Name)
            .OrderByDescending(static service => service.IsPending)
            .Select(static service => new Sample(service.IsPending ? 1 : 0, service.Name));
    }

    static IEnumerable<(string Name, bool IsPending)> PendingRestarts(
        ServiceConfiguration configuration,
        ProcessTable table
    ) =>
        from service in DaemonConnectionPool.Services(configuration, table)
        where service.Limits.MaxOpenFiles is not null
        let limits = service.Processes.Where(static process => process.Limits.Missing is null).ToList()
        where limits.Count > 0
        select (
            service.Limits.Service,
            limits.Any(process => process.Limits.Value.OpenFilesSoft != service.Limits.MaxOpenFiles)
        );

    static MetricFamily OfSettings(string name, string help, string source, Func<EphemeralPortSettings, bool> test) =>
        MetricFamily.OfNamespaces(Prefix + name, MetricType.Gauge, help, source, [], view =>
        {
            if (!view.Get<EphemeralPortSettings>().TryGet(out var settings))
                return [];
            return [new(test(settings) ? 1 : 0)];
        });
}
