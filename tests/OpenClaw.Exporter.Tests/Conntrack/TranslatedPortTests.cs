using System.Collections.Immutable;
using OpenClaw.Kernel.Conntrack;

namespace OpenClaw.Exporter.Tests;

public class TranslatedPortTests
{
    static readonly PortRange Rule = new(2000, 2019);

    [Theory]
    [InlineData(TranslatedConnections.Entry, "127.0.0.9", "127.0.0.1", 2003)]
    [InlineData(TranslatedConnections.EntryOfIPv6, "::1", "::1", 3000)]
    public void An_entry_has_its_translated_address_and_port_in_the_reply(
        string entry,
        string address,
        string remote,
        int port
    )
    {
        var fold = new TrackedConnectionFold();
        Assert.True(fold.TryAdd(Convert.FromHexString(entry)));

        var group = Assert.Single(fold.Translated.ToTranslatedPorts([], isFailing: true).Groups);
        Assert.Equal((address, remote, 8080), (group.Address.ToString(), group.Remote.ToString(), group.RemotePort));
        Assert.Equal(
            (TranslatedProtocol.Tcp, 1, 1, port, port),
            (group.Protocol, group.Used, group.Changed, group.Lowest, group.Highest)
        );
        Assert.Equal((64_512, PortLimitSource.Kernel), (group.Limit, group.LimitSource));
    }

    /// <summary>Older kernels ignore the filter of the request.</summary>
    [Fact]
    public void An_entry_without_source_translation_does_not_count()
    {
        const int StatusAt = 115;
        var entry = Convert.FromHexString(TranslatedConnections.Entry);
        entry[StatusAt] &= 0xef;
        var fold = new TrackedConnectionFold();

        Assert.True(fold.TryAdd(entry));
        Assert.Empty(fold.Translated.ToTranslatedPorts([], isFailing: true).Groups);
    }

    [Fact]
    public void An_entry_that_is_cut_is_malformed()
    {
        var entry = Convert.FromHexString(TranslatedConnections.Entry);
        foreach (var length in Enumerable.Range(0, entry.Length).Where(static length => length % 4 != 0))
            Assert.False(new TrackedConnectionFold().TryAdd(entry.AsSpan(0, length)), $"{length}");
    }

    [Fact]
    public void The_narrowest_rule_with_all_ports_is_the_limit()
    {
        Assert.Equal((20, PortLimitSource.Rule), Limit(20, [new(1024, 3000), Rule, new(2001, 2005)], isFailing: true));
        Assert.Equal((20, PortLimitSource.Rule), Limit(20, [Rule, new(1024, 3000), new(2001, 2005)], isFailing: true));
        Assert.Equal((64_512, PortLimitSource.Kernel), Limit(21, [Rule], isFailing: false));
    }

    [Theory]
    [InlineData(20, true, 40_000, 20)]
    [InlineData(4, true, 40_000, 4)]
    // A block of three may be chance.
    [InlineData(3, true, 40_000, 64_512)]
    // Nothing fails, so there may be more ports.
    [InlineData(20, false, 40_000, 64_512)]
    // The kernel kept the ports of the program, which chose consecutive ones.
    [InlineData(20, true, 2000, 64_512)]
    public void Changed_ports_without_a_gap_are_the_limit_while_connections_fail(
        int count,
        bool isFailing,
        int original,
        int limit
    ) => Assert.Equal(limit, Limit(count, [], isFailing, original).Limit);

    [Theory]
    [InlineData(700, 424)]
    [InlineData(300, 511)]
    [InlineData(550, 64_512)]
    public void Without_a_rule_the_kernel_replaces_a_privileged_port_by_another(int port, int limit)
    {
        var fold = new TrackedConnectionFold();
        Assert.True(fold.TryAdd(TranslatedConnections.Connection(port, port)));
        Assert.Equal(limit, fold.Translated.ToTranslatedPorts([], isFailing: true).Groups[0].Limit);
    }

    [Fact]
    public void Only_the_fullest_groups_are_kept_and_the_rest_is_told()
    {
        const int More = 5;
        var fold = new TrackedConnectionFold();
        for (var group = 0; group < TranslatedPortFold.GroupsAtMost + More; group++)
        {
            for (var i = 0; i < (group == 77 ? 3 : 1); i++)
            {
                Assert.True(fold.TryAdd(TranslatedConnections.Connection(40_000 + i, 50_000 + i, group)));
            }
        }

        var ports = fold.Translated.ToTranslatedPorts([], isFailing: true);
        Assert.Equal(TranslatedPorts.AtMost, ports.Groups.Length);
        Assert.Equal((77, 3), (ports.Groups[0].RemotePort, ports.Groups[0].Used));
        Assert.Equal(More, ports.Uncounted);
    }

    [Theory]
    [InlineData(TranslationRules.RuleSnat, 2000, 2003)]
    [InlineData(TranslationRules.RuleMasquerade, 1024, 1033)]
    [InlineData(TranslationRules.RuleSnatOfIPv6, 3000, 3003)]
    [InlineData(TranslationRules.TargetMasquerade, 4000, 4010)]
    [InlineData(TranslationRules.TargetSnat, 5000, 5010)]
    [InlineData(TranslationRules.TargetSnatOfIPv6, 5000, 5010)]
    public void A_rule_has_the_range_of_its_source_ports(string rule, int first, int last)
    {
        var fold = new TranslationRuleFold();
        Assert.True(fold.TryAdd(Convert.FromHexString(rule)));
        Assert.Equal([new(first, last)], fold.Ranges);
    }

    /// <summary>Registers belong to one rule.</summary>
    [Fact]
    public void A_rule_without_a_range_has_none()
    {
        var fold = new TranslationRuleFold();
        Assert.True(fold.TryAdd(Convert.FromHexString(TranslationRules.RuleSnat)));
        Assert.True(fold.TryAdd(Convert.FromHexString(TranslationRules.RuleMasqueradeWithoutRange)));
        Assert.Single(fold.Ranges);
    }

    static (int Limit, PortLimitSource Source) Limit(
        int count,
        ImmutableArray<PortRange> ranges,
        bool isFailing,
        int original = 40_000
    )
    {
        var fold = new TrackedConnectionFold();
        for (var i = 0; i < count; i++)
            Assert.True(fold.TryAdd(TranslatedConnections.Connection(original + i, 2000 + i)));
        var group = Assert.Single(fold.Translated.ToTranslatedPorts(ranges, isFailing).Groups);
        Assert.Equal(count, group.Used);
        return (group.Limit, group.LimitSource);
    }
}
