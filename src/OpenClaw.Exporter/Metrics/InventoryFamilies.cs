using System.Collections.Immutable;
using OpenClaw.Exporter.Pools;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Links;

namespace OpenClaw.Exporter.Metrics;

/// <summary>What there is of interfaces, bridges and namespaces: no pool and no symptom, but what a leak of them shows in.</summary>
static class InventoryFamilies
{
    const int WorstBridges = 10;

    const string Prefix = "openclaw_network_";

    public static ImmutableArray<MetricFamily> All { get; } =
    [
        OfInterfaces("veths", "Ends of veth pairs in this namespace. One that stays when its container is gone is a leak.",
            "rtnetlink, RTM_GETLINK: IFLA_INFO_KIND", static interfaces => interfaces.All.Count(static link => link.IsVeth)),
        OfInterfaces("bridges", "Bridges in this namespace.",
            "rtnetlink, RTM_GETLINK: IFLA_INFO_KIND", static interfaces => interfaces.All.Count(static link => link.IsBridge)),
        OfInterfaces("duplicate_mac_addresses", "MAC addresses that several interfaces hold independently of each other. Not counted: "
            + "a VLAN or macvlan with the address of the interface below, a port with that of its bond, a bridge with that of a port.",
            "rtnetlink, RTM_GETLINK: IFLA_ADDRESS", static interfaces => interfaces.DuplicateMacAddresses),
        Gauge("bridge_fdb_entries", "MAC addresses in the forwarding database of this bridge, learned, static and its own; "
            + "the bridges with the most.", "rtnetlink, RTM_GETNEIGH of AF_BRIDGE", ["netns", "bridge"],
            static diagnosis => ForwardingEntries(diagnosis.Snapshot)),
        Gauge("namespaces", "Network namespaces that can be seen: of processes, and named by ip netns. A lower bound: those of other users' "
            + "processes take CAP_SYS_PTRACE, and one that only an open descriptor holds shows nowhere.", "/proc/PID/ns/net, /run/netns", [],
            static diagnosis => One(diagnosis.Snapshot.Get<NetworkNamespaces>(), static namespaces => namespaces.Count)),
    ];

    static MetricFamily OfInterfaces(string name, string help, string source, Func<NetworkInterfaces, double> count) =>
        Gauge(name, help, source, ["netns"], diagnosis => One(diagnosis.Snapshot.Get<NetworkInterfaces>(), count, MetricCatalogue.Self));

    static MetricFamily Gauge(
        string name, string help, string source, ImmutableArray<string> labels, Func<Diagnosis, IEnumerable<Sample>> read) =>
        new(Prefix + name, MetricType.Gauge, help, source, labels, read);

    static IEnumerable<Sample> One<T>(Reading<T> reading, Func<T, double> select, params ImmutableArray<string> labels) =>
        reading.TryGet(out var value) ? [new(select(value), labels)] : [];

    static IEnumerable<Sample> ForwardingEntries(Snapshot snapshot) =>
        snapshot.Get<NetworkInterfaces>().TryGet(out var interfaces) && snapshot.Get<BridgeForwarding>().TryGet(out var forwarding)
            ? interfaces.All
                .Where(static link => link.IsBridge)
                .Select(bridge => (bridge.Name, Entries: forwarding.EntriesByBridge.GetValueOrDefault(bridge.Index)))
                .OrderByDescending(static bridge => bridge.Entries)
                .ThenBy(static bridge => bridge.Name, StringComparer.Ordinal)
                .Take(WorstBridges)
                .Select(static bridge => new Sample(bridge.Entries, MetricCatalogue.Self, bridge.Name))
            : [];
}
