using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>A reader that answers for all network namespaces at once, as an iterator in the kernel does.</summary>
public class ByNamespaceTests
{
    static readonly Pool Pool = PoolCatalogue.ConntrackEntries with
    {
        Read = static view =>
            view.Get<Slots>()
                .Select(static slots => ImmutableArray.Create(new PoolLevel(slots.Used, 100, WholeSubject.Only))),
    };

    [Fact]
    public void Each_namespace_has_its_own_value_and_one_that_was_not_met_has_none()
    {
        var own = Namespace("host", 1) with { IsOwn = true };
        var (shop, late) = (Namespace("shop", 2), Namespace("late", 3));
        var values = new ByNamespace<Slots>(
            new Dictionary<FileIdentity, Reading<Slots>>
            {
                [own.Identity] = new Slots(10),
                [shop.Identity] = new Slots(97),
            }.ToImmutableDictionary()
        );
        var snapshot = ImmutableArray
            .Create<Reader>(
                Given("slots", values),
                Given("network_namespaces", new NetworkNamespaces([own, shop, late])),
                Given(
                    "namespace_snapshots",
                    new NamespaceSnapshots([Entered(shop), Entered(late)], Unused: 0, IncludesOwn: true)
                )
            )
            .SnapshotHere(DateTimeOffset.UnixEpoch);

        var readings = Evaluation.Evaluate(snapshot, [Pool], []).ByPool[Pool].Readings;

        Assert.Equal(["host", "shop", "late"], readings.Select(static reading => reading.View.Name));
        Assert.Equal(10, Assert.Single(readings[0].Levels.Value).Used);
        Assert.Equal(97, Assert.Single(readings[1].Levels.Value).Used);
        Assert.Equal(Outcome.Gone, readings[2].Levels.Outcome);
    }

    static NetworkNamespace Namespace(string name, ulong inode) => new() { Name = name, Identity = new(4, inode) };

    static NamespaceSnapshot Entered(NetworkNamespace netns) => new(netns, Readings.None, null);

    static FunctionReader<T> Given<T>(string name, T value) => new(name, "a test", _ => value);

    sealed record Slots(long Used) : IPerNamespace;
}
