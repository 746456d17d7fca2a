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
            "1 when the sysctl.d files give this key the value it has now, so that it stays after a restart of "
                + "the machine; 0 when another value comes back, as far as that is known: theirs or the kernel's "
                + "default. No series for others. As systemd-sysctl reads them, below --path.rootfs.",
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
            "1 for a key whose present value is lost at a restart of the machine, as far as that is known: "
                + "sysctl.d or, where that has none, the kernel has another, "
                + "or has one that depends on the machine, and sysctl.d has named the key since the exporter "
                + "started. No series for others.",
            "sysctl.d, /proc/sys",
            ["key"],
            static diagnosis =>
                diagnosis.Snapshot.Get<PersistedSysctls>().TryGet(out var persisted)
                    ? KernelReaders.Sysctls.Where(persisted.Reverting.Contains).Select(static key => new Sample(1, key))
                    : []
        ),
        OfSettings(
            "port_range_odd",
            "1 when the ephemeral port range has an odd number of ports: connect() and bind() leave one of them out.",
            "net.ipv4.ip_local_port_range",
            static settings => settings.LosesOnePort
        ),
        OfSettings(
            "node_port_range_overlap",
            "1 when the kernel may hand out ports of 30000-32767, the NodePort range of Kubernetes, as ephemeral ones. "
                + "Of no importance where no Kubernetes runs, or where it has another --service-node-port-range.",
            "net.ipv4.ip_local_port_range, ip_local_reserved_ports",
            static settings => settings.UsableCount(ServicePorts.FirstNodePort, ServicePorts.LastNodePort) > 0
        ),
        MetricFamily.OfNamespaces(
            Prefix + "listeners_in_ephemeral_range",
            MetricType.Gauge,
            "TCP ports in LISTEN that lie in the ephemeral range and are not reserved: after a restart of the "
                + "listener an outgoing connection may have its port.",
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
            "1 when max-open-files in the service's configuration is not the soft limit that one of its watched "
                + "processes runs with, or LimitNOFILE= in the systemd unit of a Gateway not its limit, "
                + $"so that a restart would change it; 0 when it is. Of {ServicesAtMost} services at most.",
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
