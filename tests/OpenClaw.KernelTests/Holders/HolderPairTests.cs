using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;

namespace OpenClaw.KernelTests;

/// <summary>
/// Fills two pools at the same time, each by a holder of its own. Neither holder may be named for the other's pool.
/// </summary>
public sealed class HolderPairTests : IDisposable
{
    /// <summary>
    /// Pools of the same ports. Ports that are bound are free for no connection, so that only one of the two fills.
    /// </summary>
    static readonly string[] Exclusive = ["bind connect", "bind waits"];

    /// <summary>
    /// Pools that no diagnosis here shows full: their limits belong to the machine, or cannot be reached in a test.
    /// </summary>
    static readonly string[] WithoutLimit = ["orphans", "tcpdata", "udpdata", "conntrack", "bridge", "neighbours"];

    readonly PoolFillers _pools = new();

    public static TheoryData<string, string> Pairs =>
        [
            .. from first in PoolFillers.All
            from second in PoolFillers.All
            where string.CompareOrdinal(first, second) < 0 && !Exclusive.Contains($"{first} {second}")
            select new TheoryDataRow<string, string>(first, second),
        ];

    public void Dispose() => _pools.Dispose();

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Each_pool_has_its_own_holder(string first, string second)
    {
        _pools.Fill(first);
        _pools.Fill(second);

        var snapshot = _pools.Look();

        var diagnosis = Diagnosis.Judge(snapshot);
        foreach (var filler in (string[])[first, second])
        {
            var holders = filler switch
            {
                "bridge" => Find(_pools.Look(farEnds: true), filler),
                _ when WithoutLimit.Contains(filler) => Find(snapshot, filler),
                _ => Find(diagnosis, filler),
            };
            Assert.NotEmpty(holders.Worst);
            var worst = holders.Worst[0];
            Assert.Equal(_pools.HolderOf(filler), worst.Process?.Name ?? worst.Name);
        }
    }

    /// <summary>The same sockets are few for one pool, and much for the other.</summary>
    [Fact]
    public void Connections_with_data_count_as_connections_and_as_bytes()
    {
        _pools.Fill(PoolFillers.DaemonWithData);

        var snapshot = _pools.Look();

        var service = _pools.HolderOf("daemon");
        var connections = Find(Diagnosis.Judge(snapshot), "daemon").Worst[0];
        Assert.Equal((service, 9), (connections.Process?.Name, connections.Count));
        var data = Find(snapshot, "tcpdata").Worst[0];
        Assert.Equal(service, data.Process?.Name);
        Assert.InRange(data.Count, 1_000_000, double.MaxValue);
    }

    /// <summary>Other processes of the machine may be near their limits, too.</summary>
    static LevelHolders Find(Diagnosis diagnosis, string filler)
    {
        var (pool, subject) = PoolFillers.PoolOf(filler);
        var worst = diagnosis.Findings.First(finding =>
            finding.Pool == pool && (subject.Length == 0 || finding.Level.Labels[0] == subject)
        );
        Assert.True(worst.Condition >= PoolCondition.Warning, $"{pool.Name} is {worst.Condition}");
        return worst.Holders;
    }

    static LevelHolders Find(Snapshot snapshot, string filler)
    {
        var (pool, subject) = PoolFillers.PoolOf(filler);
        if (subject.Length == 0)
            return pool.HoldersOf(snapshot.WholeMachine, new(1, 1, WholeSubject.Only));
        var level = pool.Read(snapshot.Own).Value.Single(level => level.Labels[0] == subject);
        return pool.HoldersOf(snapshot.Own, level);
    }
}
