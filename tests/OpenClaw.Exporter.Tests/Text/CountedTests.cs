using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>A number and its noun agree.</summary>
public class CountedTests
{
    [Theory]
    [InlineData(0, "ports", "0 ports")]
    [InlineData(1, "ports", "1 port")]
    [InlineData(2000, "ports", "2,000 ports")]
    [InlineData(1, "tracked entries", "1 tracked entry")]
    [InlineData(1, "worker processes", "1 worker process")]
    [InlineData(1, "addresses", "1 address")]
    [InlineData(1, "sandboxes", "1 sandbox")]
    [InlineData(1, "network namespaces", "1 network namespace")]
    [InlineData(1, "files", "1 file")]
    [InlineData(1, "queues", "1 queue")]
    public void One_has_a_singular(int number, string plural, string expected) =>
        Assert.Equal(expected, Counted.Format(number, plural));

    /// <summary>The singular of a unit is formed, so each unit must be a plural that it knows.</summary>
    [Fact]
    public void Each_unit_of_a_pool_has_a_singular() => Assert.All(PoolCatalogue.All, static pool =>
        {
            Assert.EndsWith("s", pool.Unit, StringComparison.Ordinal);
            Assert.DoesNotMatch("s$|ie$", Counted.Format(1, pool.Unit));
        });

    [Theory]
    [InlineData(1, "not counted: 1 translated connection, because")]
    [InlineData(3, "not counted: 3 translated connections, because")]
    public void Uncounted_connections_are_named_by_number(int uncounted, string expected) =>
        Assert.StartsWith(expected, new TranslatedPorts([], uncounted).Shortfall!.Detail, StringComparison.Ordinal);

    [Theory]
    [InlineData(1, "A rule allows 1 source port. ")]
    [InlineData(2, "A rule allows 2 source ports. ")]
    public void A_rule_for_one_port_is_named_so(int limit, string expected)
    {
        var group = new TranslatedPortGroup(
            TranslatedProtocol.Tcp,
            SocketAddress.AnyIPv4,
            SocketAddress.AnyIPv4,
            443,
            limit,
            4000,
            4000
        )
        {
            Limit = limit,
            LimitSource = PortLimitSource.Rule,
        };

        var remedy = SourcePortPool.Remedy(PoolLevel.From(limit, limit, new TranslationSubject(group)));

        Assert.StartsWith(expected, remedy.Advice, StringComparison.Ordinal);
    }
}
