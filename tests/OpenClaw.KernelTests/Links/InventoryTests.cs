using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.KernelTests;

public class InventoryTests
{
    [Fact]
    public void Veths_and_bridges_are_those_that_ip_shows()
    {
        using var netns = new PrivateNamespace();
        netns.Batch(
            "link add br0 type bridge",
            "link add br1 type bridge",
            "link add v0 type veth peer name v1",
            "link add link v0 name mv0 type macvlan"
        );

        Assert.Equal(Shown(netns, "veth"), Value(netns, "veths"));
        Assert.Equal(2, Value(netns, "veths"));
        Assert.Equal(Shown(netns, "bridge"), Value(netns, "bridges"));
        Assert.Equal(2, Value(netns, "bridges"));
    }

    [Fact]
    public void Forwarding_entries_are_those_that_bridge_shows()
    {
        using var netns = new PrivateNamespace();
        netns.Batch(
            "link add br0 type bridge",
            "link add br1 type bridge",
            "link add v0 type veth peer name v1",
            "link set v0 master br0"
        );
        // The bridge is down, so it learns no entries of its own.
        var before = Entries(netns, "br0");
        for (var i = 0; i < 5; i++)
            netns.Command("bridge", "fdb", "add", $"02:00:00:00:00:0{i}", "dev", "v0", "master", "static");

        Assert.Equal(before + 5, Entries(netns, "br0"));
        foreach (var bridge in new[] { "br0", "br1" })
        {
            var shown = netns
                .Command("bridge", "fdb", "show", "br", bridge)
                .Split('\n')
                .Count(line => line.Contains($" master {bridge} ", StringComparison.Ordinal));
            Assert.Equal(shown, Entries(netns, bridge));
        }
    }

    [Fact]
    public void A_mac_address_counts_as_duplicate_only_when_nobody_took_it_from_the_other()
    {
        using var netns = new PrivateNamespace();
        netns.Batch(
            "link add br0 type bridge",
            "link add v0 type veth peer name v1",
            "link add v2 type veth peer name v3",
            "link set v0 address 02:00:00:00:00:01",
            "link set v0 master br0",
            "link set br0 address 02:00:00:00:00:01",
            "link add link v2 name mv0 type macvlan mode passthru"
        );
        Assert.Equal(0, Value(netns, "duplicate_mac_addresses"));

        netns.Command("ip", "link", "set", "v1", "address", "02:00:00:00:00:01");
        Assert.Equal(1, Value(netns, "duplicate_mac_addresses"));

        // Another pair with the same address is no second duplicate; a pair with another address is.
        netns.Command("ip", "link", "set", "v3", "address", "02:00:00:00:00:01");
        Assert.Equal(1, Value(netns, "duplicate_mac_addresses"));
        netns.Batch(
            "link add v4 type veth peer name v5",
            "link set v4 address 02:00:00:00:00:02",
            "link set v5 address 02:00:00:00:00:02"
        );
        Assert.Equal(2, Value(netns, "duplicate_mac_addresses"));
    }

    [Fact]
    public void Two_ports_of_one_bridge_with_one_mac_address_are_a_duplicate()
    {
        using var netns = new PrivateNamespace();
        netns.Batch(
            "link add br0 type bridge",
            "link add v0 type veth peer name v1",
            "link add v2 type veth peer name v3",
            "link set v0 master br0",
            "link set v2 master br0",
            "link set v0 address 02:00:00:00:00:01",
            "link set v2 address 02:00:00:00:00:01"
        );

        Assert.Equal(1, Value(netns, "duplicate_mac_addresses"));
    }

    static int Shown(PrivateNamespace netns, string kind) =>
        netns
            .Command("ip", "-o", "link", "show", "type", kind)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Length;

    static double Value(PrivateNamespace netns, string family) => Assert.Single(Samples(netns, family)).Value;

    static double Entries(PrivateNamespace netns, string bridge) =>
        Assert.Single(Samples(netns, "bridge_fdb_entries"), sample => sample.Labels[1] == bridge).Value;

    static IEnumerable<Sample> Samples(PrivateNamespace netns, string family) =>
        MetricCatalogue
            .All.Single(candidate => candidate.Name == "openclaw_network_" + family)
            .Read(Diagnosis.Judge(netns.SnapshotOf("network_interfaces", "bridge_forwarding")));
}
