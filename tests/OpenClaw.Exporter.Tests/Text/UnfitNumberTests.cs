using System.Text;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>A number that no counter can have removes its own series and no other.</summary>
public sealed class UnfitNumberTests : IDisposable
{
    const string Prefix = "\nopenclaw_network_";
    const string ULongMax = "18446744073709551615";

    const string BothSides =
        "Inter-|   Receive                                                |  Transmit\n"
        + " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo "
        + "colls carrier compressed\n";

    readonly FixtureProc _proc = new();

    public void Dispose() => _proc.Dispose();

    [Theory]
    [InlineData(
        "netstat",
        "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 4 # 6\n",
        "listen_overflows_total{",
        "listen_drops_total{netns=\"self\"} 6\n"
    )]
    [InlineData(
        "snmp",
        "Udp: InDatagrams RcvbufErrors SndbufErrors\nUdp: 1 # 3\n",
        "udp_receive_buffer_errors_total{netns=\"self\",family=\"ipv4\"}",
        "udp_send_buffer_errors_total{netns=\"self\",family=\"ipv4\"} 3\n"
    )]
    [InlineData(
        "snmp6",
        "Ip6InReceives #\nUdp6RcvbufErrors #\nUdp6SndbufErrors 8\n",
        "udp_receive_buffer_errors_total{netns=\"self\",family=\"ipv6\"}",
        "udp_send_buffer_errors_total{netns=\"self\",family=\"ipv6\"} 8\n"
    )]
    [InlineData(
        "sockstat",
        "sockets: used 1\nTCP: inuse 5 orphan 2 tw 3 alloc 7 mem #\nUDP: inuse 1 mem 4\n",
        "tcp_memory_bytes ",
        "orphan_sockets 2\n"
    )]
    [InlineData(
        "sockstat",
        "sockets: used 1\nTCP: inuse 5 orphan # tw 3 alloc 7 mem 80\nUDP: inuse 1 mem 4\n",
        "orphan_sockets ",
        "time_wait_sockets{netns=\"self\"} 3\n"
    )]
    [InlineData(
        "dev",
        BothSides + "eth0: 1 2 3 # 5 6 7 8 9 10 11 12 13 14 15 16\n",
        "interface_drops_total{netns=\"self\",interface=\"eth0\",direction=\"receive\"}",
        "interface_drops_total{netns=\"self\",interface=\"eth0\",direction=\"transmit\"} 12\n"
    )]
    [InlineData(
        "dev",
        BothSides + "eth0: # # # 4 # # # # # # # # # # # #\n",
        "interface_drops_total{netns=\"self\",interface=\"eth0\",direction=\"transmit\"}",
        "interface_drops_total{netns=\"self\",interface=\"eth0\",direction=\"receive\"} 4\n"
    )]
    public async Task A_number_that_does_not_fit_costs_itself(string file, string text, string lost, string kept)
    {
        Assert.Contains(
            Prefix + lost.Replace("eth0", "lo", StringComparison.Ordinal),
            await ScrapeAsync(),
            StringComparison.Ordinal
        );

        foreach (
            var number in (string[])
                ["-1", "-9223372036854775809", "9223372036854775808", ULongMax, "99999999999999999999999"]
        )
        {
            _proc["thread-self/net/" + file] = text.Replace("#", number, StringComparison.Ordinal);
            var page = await ScrapeAsync();

            Assert.DoesNotContain(Prefix + lost, page, StringComparison.Ordinal);
            Assert.Contains(Prefix + kept, page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(
        "arp_cache",
        "entries  table_fulls\n00000003 #\n00000003 00000001\n",
        "neighbour_table_fulls_total{family=\"ipv4\"}",
        "neighbour_entries{family=\"ipv4\"} 3\n"
    )]
    [InlineData(
        "nf_conntrack",
        "entries drop early_drop insert_failed\n1 # 4 2\n1 1 1 1\n",
        "conntrack_drops_total{",
        "conntrack_early_drops_total{netns=\"self\"} 5\n"
    )]
    [InlineData(
        "nf_conntrack",
        "entries drop early_drop insert_failed\n1 7fffffffffffffff 4 2\n1 1 1 #\n",
        "conntrack_insert_failures_total{",
        "conntrack_early_drops_total{netns=\"self\"} 5\n"
    )]
    [InlineData(
        "nf_conntrack",
        "entries drop early_drop insert_failed\n1 7fffffffffffffff 4 2\n1 1 1 #\n",
        "conntrack_drops_total{",
        "conntrack_early_drops_total{netns=\"self\"} 5\n"
    )]
    public async Task A_sum_that_does_not_fit_costs_itself(string file, string text, string lost, string kept)
    {
        Assert.Contains(Prefix + lost, await ScrapeAsync(), StringComparison.Ordinal);

        foreach (var number in (string[])["8000000000000000", "ffffffffffffffff", "10000000000000000"])
        {
            _proc["thread-self/net/stat/" + file] = text.Replace("#", number, StringComparison.Ordinal);
            var page = await ScrapeAsync();

            Assert.DoesNotContain(Prefix + lost, page, StringComparison.Ordinal);
            Assert.Contains(Prefix + kept, page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("face |bytes drop multicast|bytes colls\n", "lo: 1 4 8 9 14\n", 4, null)]
    [InlineData("face |bytes multicast|bytes drop\n", "lo: 1 8 9 12\n", null, 12)]
    [InlineData("face |bytes multicast|bytes colls\n", "lo: 1 8 9 14\n", null, null)]
    public async Task A_side_without_the_column_has_no_drops(string head, string row, int? received, int? transmitted)
    {
        _proc["thread-self/net/dev"] = "Inter-| Receive | Transmit\n " + head + row;

        var page = await ScrapeAsync();

        Assert.Equal([.. Drop("lo", "receive", received), .. Drop("lo", "transmit", transmitted)], Drops(page));

        static string[] Drop(string name, string direction, int? count) =>
            count is null ? [] : [$"interface=\"{name}\",direction=\"{direction}\"}} {count}"];
    }

    /// <summary>The kernel accepts all bytes in a name except ASCII white space, a slash and a colon.</summary>
    [Fact]
    public async Task White_space_of_Unicode_belongs_to_a_name()
    {
        _proc["thread-self/net/dev"] =
            BothSides
            + string.Concat(
                ((string[])["x", "\u2003x", "x\u2003"]).Select(
                    static (name, i) => $"  {name}: 1 2 3 {9 - i} 5 6 7 8 9 10 11 0 13 14 15 16\n"
                )
            );

        Assert.Equal(
            ["x", "\u2003x", "x\u2003"],
            Drops(await ScrapeAsync()).Select(static drop => drop.Split('"')[1]).Distinct()
        );
    }

    static string[] Drops(string page) =>
        [
            .. page.Split('\n')
                .Where(static line => line.StartsWith(Prefix[1..] + "interface_drops_total{", StringComparison.Ordinal))
                .Select(static line => line[line.IndexOf("interface=", StringComparison.Ordinal)..]),
        ];

    async Task<string> ScrapeAsync()
    {
        var readers = KernelReaders.All(
            new ProcMount(_proc.Root),
            new Regex("openclaw"),
            10,
            _proc.Root,
            static _ => new FakeKernel(static (_, _) => [FakeKernel.Done()])
        );
        var snapshot = await new Sampler(readers, TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10));
        using var page = new MemoryStream();
        await Exposition
            .Publish(Diagnosis.Judge(snapshot))
            .Registry.CollectAndExportAsTextAsync(page, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(page.ToArray());
    }
}
