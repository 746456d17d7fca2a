using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The network namespaces at the far ends of a bridge's ports.</summary>
public class BridgePortHolderTests
{
    const int Bridge = 5;

    [Fact]
    public async Task The_namespace_with_most_ports_is_first_and_unread_ones_are_counted()
    {
        // "other" has an interface with the index of a far end whose peer is no port of this bridge.
        var holders = await FindAsync(
            [Port(10, peer: 2), Port(11, peer: 3), Port(12, peer: 2), Port(13, peer: 2), Port(14, peer: 9)],
            ("shop", [End(2, peer: 10), End(3, peer: 11)]),
            ("db", [End(2, peer: 12)]),
            ("other", [End(2, peer: 99), End(9, peer: 15)])
        );

        Assert.Equal(
            [("network namespace shop", 2.0), ("network namespace db", 1.0)],
            holders.Worst.Select(static holder => (holder.Name, holder.Count))
        );
        Assert.Equal(["to network namespaces that were not read: 2"], holders.Notes);
    }

    [Fact]
    public async Task Where_most_ports_lead_elsewhere_nobody_is_named_as_the_cause()
    {
        var holders = await FindAsync(
            [Port(10, peer: 2), Port(11, peer: 3), Port(12, peer: 4)],
            ("shop", [End(2, peer: 10)])
        );

        Assert.Equal((2.0, 1.0), (holders.Unaccounted, Assert.Single(holders.Worst).Count));
    }

    static NetworkInterface Port(int index, int peer) =>
        new(index, $"veth{index}", "veth", "bridge", Bridge, 0, 0) { PeerElsewhere = peer };

    static NetworkInterface End(int index, int peer) =>
        new(index, $"eth{index}", "veth", "", 0, 0, 0) { PeerElsewhere = peer };

    static async Task<LevelHolders> FindAsync(
        ImmutableArray<NetworkInterface> ports,
        params (string Netns, ImmutableArray<NetworkInterface> Links)[] others
    )
    {
        var used = ImmutableArray.CreateBuilder<NamespaceSnapshot>();
        foreach (var (netns, links) in others)
        {
            var inside = await SampleAsync(Fake(new NetworkInterfaces(links)));
            used.Add(
                new(
                    new() { Name = netns, Identity = new FileIdentity(4, (ulong)used.Count) },
                    new Readings(inside.Runs),
                    null
                )
            );
        }

        var bridge = new NetworkInterface(Bridge, "br0", "bridge", "", 0, 0, 0);
        var view = (
            await SampleAsync(
                Fake(new NetworkInterfaces([bridge, .. ports])),
                Fake(new NamespaceSnapshots(used.ToImmutable(), 0, IncludesOwn: true))
            )
        ).Own;
        return BridgePortHolders.Find(view, PoolCatalogue.BridgePorts.Read(view).Value.Single());
    }

    static Task<Snapshot> SampleAsync(params ImmutableArray<Reader> readers) =>
        new Sampler(readers, TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10));

    static FunctionReader<T> Fake<T>(T value) => new(typeof(T).Name, "", _ => value);
}
