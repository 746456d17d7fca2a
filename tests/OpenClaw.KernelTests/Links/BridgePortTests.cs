using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.KernelTests;

public class BridgePortTests
{
    static readonly Pool Ports = PoolCatalogue.BridgePorts;

    [Fact]
    public void Ports_are_those_that_ip_shows()
    {
        using var netns = new PrivateNamespace();
        netns.Batch(
            "link add one type bridge",
            "link add two type bridge",
            "link add v0 type veth peer name v1",
            "link add v2 type veth peer name v3",
            "link set v0 master one",
            "link set v1 master one",
            "link set v2 master two"
        );

        foreach (var bridge in new[] { "one", "two" })
        {
            var shown = netns
                .Command("ip", "-o", "link", "show", "master", bridge)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Length;
            Assert.Equal(shown, Level(netns, bridge).Used);
        }
    }

    /// <summary>Both ends of each pair are ports, so half as many pairs fill a bridge.</summary>
    [Fact]
    [Provokes("bridge_ports")]
    public void The_limit_is_where_the_kernel_refuses_another_port()
    {
        const int pairs = 512;
        using var netns = new PrivateNamespace();
        netns.Batch([
            "link add br0 type bridge",
            .. Enumerable.Range(0, pairs).Select(static i => $"link add a{i} type veth peer name b{i}"),
        ]);
        netns.Batch([
            "link set b0 master br0",
            .. Enumerable
                .Range(1, pairs - 1)
                .SelectMany(static i => new[] { $"link set a{i} master br0", $"link set b{i} master br0" }),
        ]);

        var full = Level(netns, "br0");
        var refused = Assert.Throws<InvalidOperationException>(() =>
            netns.Command("ip", "link", "set", "a0", "master", "br0")
        );

        Assert.Contains("Exchange full", refused.Message, StringComparison.Ordinal);
        Assert.Equal(full.Limit, full.Used);
        Assert.Equal(1, full.Utilization);
        var worst = Diagnosis.Judge(netns.SnapshotOf("network_interfaces")).Findings[0];
        Assert.Equal(
            ("bridge_ports", "br0", PoolCondition.Critical),
            (worst.Pool.Name, worst.Level.Subject, worst.Condition)
        );

        netns.Command("ip", "link", "set", "b7", "nomaster");
        Assert.Equal(full.Limit - 1, Level(netns, "br0").Used);
        netns.Command("ip", "link", "set", "a0", "master", "br0");

        // The two remedies: remove unused ports, or add a second bridge for new ones.
        netns.Command("ip", "link", "delete", "a0");
        netns.Command("ip", "link", "add", "br1", "type", "bridge");
        netns.Batch("link add c0 type veth peer name c1", "link set c0 master br1");
        Assert.Equal(full.Limit - 2, Level(netns, "br0").Used);
        Assert.Equal(1, Level(netns, "br1").Used);
    }

    [Fact]
    public void The_fullest_of_many_bridges_are_shown()
    {
        using var netns = new PrivateNamespace();
        netns.Batch([
            .. Enumerable.Range(0, 15).Select(static i => $"link add br{i} type bridge"),
            "link add v0 type veth peer name v1",
            "link set v0 master br14",
        ]);

        var levels = Ports.Read(netns.SnapshotOf("network_interfaces").Own).Value;

        Assert.Equal(3, levels.Length);
        Assert.Equal(("br14", 1), (levels[0].Subject, levels[0].Used));
    }

    static PoolLevel Level(PrivateNamespace netns, string bridge)
    {
        var levels = Ports.Read(netns.SnapshotOf("network_interfaces").Own);
        return Assert.Single(levels.Value, level => level.Subject == bridge);
    }
}
