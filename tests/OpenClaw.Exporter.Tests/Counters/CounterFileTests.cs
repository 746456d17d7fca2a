using System.Text;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Counters;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

public class CounterFileTests
{
    [Fact]
    public void Sockstat_is_read_by_the_words_before_the_numbers()
    {
        var text =
            "sockets: used 178\nTCP: inuse 5 orphan 2 tw 3 alloc 7 mem 80\nUDP: inuse 1 mem 4\nUDPLITE: inuse 0\n"u8;

        Assert.Equal(
            new Sockstat(Sockets: 178, TcpInUse: 5, UdpInUse: 1, TimeWait: 3, Orphans: 2, TcpPages: 80, UdpPages: 4)
            {
                TcpAllocated = 7,
            },
            Sockstat.Parse(text).Value
        );
        Assert.Equal(Absence.Malformed, Sockstat.Parse("TCP: inuse 5\n"u8).Missing?.Reason);
    }

    [Fact]
    public void Netstat_is_read_by_name_and_a_name_that_is_not_there_is_missing()
    {
        var counters = TcpExtCounters
            .Parse("TcpExt: SyncookiesSent ListenDrops\nTcpExt: 4 5\nIpExt: InOctets\nIpExt: 9\n"u8)
            .Value;

        Assert.Equal(4, counters["SyncookiesSent"].Value);
        Assert.Equal(5, counters["ListenDrops"].Value);
        Assert.Equal(Absence.NotPresent, counters["TCPTimeWaitOverflow"].Missing?.Reason);
    }

    [Theory]
    [InlineData("TcpExt: A B\nTcpExt: 1\n", "line 2")]
    [InlineData("TcpExt: A B\nTcpExt: 1 2 3\n", "line 2")]
    [InlineData("TcpExt: A B\nTcpExt: 1 x\n", "line 2")]
    [InlineData("IpExt: A\nIpExt: 1\n", "TcpExt:")]
    public void Netstat_of_another_form_says_where(string text, string where)
    {
        var missing = TcpExtCounters.Parse(Encoding.ASCII.GetBytes(text)).Missing!;

        Assert.Equal(Absence.Malformed, missing.Reason);
        Assert.Contains(where, missing.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Snmp6_is_a_name_and_a_number_a_line()
    {
        Assert.Equal(
            7,
            IPv6Counters.Parse("Ip6InReceives       \t3\nUdp6RcvbufErrors   \t7\n"u8).Value["Udp6RcvbufErrors"].Value
        );
        Assert.Contains(
            "line 2",
            IPv6Counters.Parse("Ip6InReceives 3\nUdp6RcvbufErrors\n"u8).Missing!.Detail,
            StringComparison.Ordinal
        );
    }

    /// <summary>The headers of Linux 6.18 and of an older kernel, which had other columns in the same places.</summary>
    [Fact]
    public void Conntrack_failures_are_found_by_column_name_and_summed_over_cpus()
    {
        var current =
            "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop "
            + "icmp_error  expect_new expect_create expect_delete search_restart\n"
            + "00000002  00000001 00000000 00000000 00000003 00000000 00000000 00000004 00000000 00000005 "
            + "0000000a 0000000b 00000000  00000000 00000000 00000000 00000000\n"
            + "00000002  00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000001 "
            + "00000006 00000001 00000000  00000000 00000000 00000000 00000000\n";
        var old =
            "entries  searched found new invalid ignore delete delete_list insert insert_failed drop early_drop "
            + "icmp_error  expect_new expect_create expect_delete search_restart\n"
            + "00000002  00000001 00000000 00000000 00000003 00000000 00000000 00000004 00000000 00000005 "
            + "0000000a 0000000b 00000000  00000000 00000000 00000000 00000000\n";

        Assert.Equal(
            new ConntrackFailures(16, 12, 6, 2, 4),
            ConntrackFailures.Parse(Encoding.ASCII.GetBytes(current)).Value
        );
        var before = ConntrackFailures.Parse(Encoding.ASCII.GetBytes(old)).Value;
        Assert.Equal((10, 11, 5), (before.Drops.Value, before.EarlyDrops.Value, before.InsertFailures.Value));
        Assert.All([before.Clashes, before.ChainTooLong], static count =>
            Assert.Equal(Absence.NotPresent, count.Missing?.Reason)
        );
    }

    [Fact]
    public void Conntrack_failures_of_another_form_say_where() =>
        Assert.Contains(
            "line 2: expected 3 hexadecimal numbers",
            ConntrackFailures.Parse("entries drop early_drop\n00 01\n"u8).Missing!.Detail,
            StringComparison.Ordinal
        );

    [Fact]
    public void Interface_drops_are_found_by_column_name()
    {
        var text =
            "Inter-|   Receive                                                |  Transmit\n"
            + " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo "
            + "colls carrier compressed\n"
            + "    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
            + "eth0:1: 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0\n";

        Assert.Equal(
            [new("lo", 4, 12), new("eth0:1", 0, 1)],
            InterfaceDrops.Parse(Encoding.UTF8.GetBytes(text)).Value.Interfaces
        );
        Assert.Contains(
            "line 3",
            InterfaceDrops
                .Parse(Encoding.UTF8.GetBytes(text.Replace(" 16\n", "\n", StringComparison.Ordinal)))
                .Missing!.Detail,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_limit_of_tcp_mem_is_its_last_number()
    {
        Assert.Equal(575796, SocketLimits.ParseLast("287898\t383864\t575796\n"u8).Value);
        Assert.Equal(Absence.Malformed, SocketLimits.ParseLast("287898\t383864\n"u8).Missing?.Reason);
    }
}
