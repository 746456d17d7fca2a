using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel;

namespace OpenClaw.KernelTests;

/// <summary>Interfaces of a namespace: created by ip, seen by pools and symptoms.</summary>
static class NamespaceLinks
{
    /// <summary>Runs commands of ip in one process, such as "link add br0 type bridge".</summary>
    public static void Batch(this PrivateNamespace netns, params IEnumerable<string> commands)
    {
        using var folder = new TemporaryFolder();
        netns.Command("ip", "-batch", folder.Write("batch", string.Join('\n', commands) + "\n"));
    }

    /// <summary>
    /// Creates a veth pair v0 and v1. No host has 10.9.0.2 behind v0, but the neighbour entry is permanent, so packets
    /// to it leave.
    /// </summary>
    public static void MakeVeth(this PrivateNamespace netns)
    {
        netns.Sysctl("net.ipv6.conf.default.router_solicitations", "0");
        netns.Sysctl("net.ipv6.conf.default.accept_dad", "0");
        netns.Batch(
            "link add v0 type veth peer name v1",
            "link set v0 up",
            "link set v1 up",
            "addr add 10.9.0.1/24 dev v0",
            "neigh add 10.9.0.2 lladdr 02:00:00:00:00:09 dev v0"
        );
    }

    /// <summary>A snapshot by these readers on the thread of the namespace.</summary>
    public static Snapshot SnapshotOf(this PrivateNamespace netns, params string[] readers) =>
        netns.Run(() => KernelSampling.SnapshotOf(readers));

    /// <summary>The levels of a symptom by their labels.</summary>
    public static Dictionary<string, double> Symptom(this Snapshot snapshot, string name) =>
        SymptomCatalogue
            .All.Single(symptom => symptom.Name == name)
            .Read(snapshot.Own)
            .Value.ToDictionary(static level => string.Join(' ', level.Labels), static level => level.Value);
}
