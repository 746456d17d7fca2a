using System.Collections.Immutable;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The families about the numbers of interfaces and bridges. They are neither pools nor symptoms, but show a leak of
/// interfaces.
/// </summary>
static class InventoryFamilies
{
    const int WorstBridges = 3;

    const string Prefix = "openclaw_network_";

    public static ImmutableArray<MetricFamily> All { get; } =
    [
        OfInterfaces(
            "veths",
            "Ends of veth pairs in this namespace. An end that outlives its container is a leak.",
            "rtnetlink, RTM_GETLINK: IFLA_INFO_KIND",
            static interfaces => interfaces.All.Count(static link => link.IsVeth)
        ),
        OfInterfaces(
            "bridges",
            "Bridges in this namespace.",
            "rtnetlink, RTM_GETLINK: IFLA_INFO_KIND",
            static interfaces => interfaces.All.Count(static link => link.IsBridge)
        ),
        OfInterfaces(
            "duplicate_mac_addresses",
            "MAC addresses that several interfaces hold independently where they can share a "
                + "segment. Inherited addresses are not counted: a VLAN or macvlan of its lower "
                + "interface, a port of its bond, a bridge of its port. Neither is a locally "
                + "administered address on the end of a veth pair outside a bridge, if its peer has "
                + "another (Calico).",
            "rtnetlink, RTM_GETLINK: IFLA_ADDRESS",
            static interfaces => interfaces.DuplicateMacAddresses
        ),
        MetricFamily.OfNamespaces(
            Prefix + "bridge_fdb_entries",
            MetricType.Gauge,
            "MAC addresses in the forwarding database of this bridge: learned, static and its "
                + "own. The bridges with the most.",
            "rtnetlink, RTM_GETNEIGH of AF_BRIDGE",
            ["bridge"],
            ForwardingEntries
        ),
    ];

    static MetricFamily OfInterfaces(string name, string help, string source, Func<NetworkInterfaces, double> count) =>
        MetricFamily.OfNamespaces(
            Prefix + name,
            MetricType.Gauge,
            help,
            source,
            [],
            view => view.Get<NetworkInterfaces>().TryGet(out var interfaces) ? [new(count(interfaces))] : [],
            isSummed: true
        );

    static IEnumerable<Sample> ForwardingEntries(NamespaceView view) =>
        view.Get<NetworkInterfaces>().TryGet(out var interfaces)
        && view.Get<BridgeForwarding>().TryGet(out var forwarding)
            ? interfaces
                .All.Where(static link => link.IsBridge)
                .Select(bridge => (bridge.Name, Entries: forwarding.EntriesByBridge.GetValueOrDefault(bridge.Index)))
                .OrderByDescending(static bridge => bridge.Entries)
                .ThenBy(static bridge => bridge.Name, StringComparer.Ordinal)
                .Take(WorstBridges)
                .Select(static bridge => new Sample(bridge.Entries, bridge.Name))
            : [];
}
