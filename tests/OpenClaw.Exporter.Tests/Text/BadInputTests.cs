using System.Text;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// Bad input from below: the reading reports it, everything else is served, and nothing is reported as 0.
/// </summary>
public sealed class BadInputTests : IDisposable
{
    const string Prefix = "openclaw_network_";
    const string LongMax = "9223372036854775807";
    const string ULongMax = "18446744073709551615";

    readonly FixtureProc _proc = new();
    Func<ushort, byte, IEnumerable<Reading<byte[]>>> _kernel = static (type, family) =>
        type == LinuxInetDiag.TCPDIAG_GETSOCK || family == SysSocket.AF_INET
            ? [FakeKernel.Socket(TcpState.Listen, "127.0.0.1:8080"), FakeKernel.Done()]
            : [FakeKernel.Done()];

    public void Dispose() => _proc.Dispose();

    [Fact]
    public async Task A_quiet_machine_is_read_whole()
    {
        var (page, snapshot) = await ScrapeAsync();

        Assert.All(snapshot.Runs, static run => Assert.Null(run.Failure));
        Assert.Contains($"{Prefix}conntrack_entries{{netns=\"self\"}} 26\n", page, StringComparison.Ordinal);
        Assert.Contains($"{Prefix}tcp_sockets{{netns=\"self\",state=\"listen\"}} 1\n", page, StringComparison.Ordinal);
        Assert.Contains(
            $"{Prefix}process_file_descriptors{{netns=\"self\",process=\"node\"}} 3\n",
            page,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("sys/net/netfilter/nf_conntrack_count", null, "conntrack", Absence.NotPresent, "conntrack_entries")]
    [InlineData("sys/net/netfilter/nf_conntrack_count", "many", "conntrack", Absence.Malformed, "conntrack_entries")]
    [InlineData("sys/net/netfilter/nf_conntrack_max", null, "conntrack", Absence.NotPresent, "conntrack_entries_limit")]
    [InlineData("sys/net/netfilter/nf_conntrack_max", "", "conntrack", Absence.Malformed, "conntrack_entries_limit")]
    [InlineData("sys/net/netfilter/nf_conntrack_count", "-1", "conntrack", Absence.Malformed, "conntrack_entries")]
    [InlineData("sys/fs/file-nr", "-308 0 12", "file_nr", Absence.Malformed, "system_file_descriptors")]
    [InlineData("sys/fs/file-nr", "308 0", "file_nr", Absence.Malformed, "system_file_descriptors")]
    [InlineData("sys/fs/file-nr", "308 0 12x", "file_nr", Absence.Malformed, "system_file_descriptors")]
    [InlineData("sys/fs/file-nr", null, "file_nr", Absence.Failed, "system_file_descriptors")]
    [InlineData(
        "sys/net/ipv4/ip_local_port_range",
        "60999 32768",
        "ephemeral_port_settings",
        Absence.Malformed,
        "ephemeral_connect_ports"
    )]
    [InlineData(
        "sys/net/ipv4/ip_local_port_range",
        "32768",
        "ephemeral_port_settings",
        Absence.Malformed,
        "ephemeral_bind_ports"
    )]
    [InlineData(
        "sys/net/ipv4/ip_local_reserved_ports",
        "80,90-",
        "ephemeral_port_settings",
        Absence.Malformed,
        "ephemeral_connect_ports"
    )]
    [InlineData(
        "sys/net/ipv4/ip_local_reserved_ports",
        "80;90",
        "ephemeral_port_settings",
        Absence.Malformed,
        "ephemeral_connect_ports"
    )]
    [InlineData(
        "sys/net/ipv4/tcp_tw_reuse_delay",
        "soon",
        "ephemeral_port_settings",
        Absence.Malformed,
        "ephemeral_ports_exact"
    )]
    [InlineData(
        "sys/net/ipv4/tcp_tw_reuse_delay",
        LongMax,
        "ephemeral_port_settings",
        Absence.Malformed,
        "ephemeral_ports_exact"
    )]
    [InlineData(
        "sys/net/ipv4/tcp_tw_reuse_delay",
        "-9223372036854775808",
        "ephemeral_port_settings",
        Absence.Malformed,
        "ephemeral_ports_exact"
    )]
    [InlineData("thread-self/net/sockstat", "TCP: inuse 5\n", "sockstat", Absence.Malformed, "time_wait_sockets")]
    [InlineData("thread-self/net/sockstat", null, "sockstat", Absence.Failed, "tcp_memory_bytes")]
    [InlineData("sys/net/ipv4/tcp_mem", "1 2", "socket_limits", Absence.Malformed, "tcp_memory_bytes_limit")]
    [InlineData("sys/net/ipv4/tcp_max_orphans", null, "socket_limits", Absence.NotPresent, "orphan_sockets_limit")]
    [InlineData("thread-self/net/netstat", null, "tcp_counters", Absence.Failed, "listen_overflows_total")]
    [InlineData("thread-self/net/softnet_stat", "zz\n", "softnet", Absence.Malformed, "softnet_drops_total")]
    [InlineData("thread-self/net/dev", null, "interface_drops", Absence.Failed, "interface_drops_total")]
    public async Task A_bad_file_costs_its_own_series_and_says_why(
        string file,
        string? text,
        string reader,
        Absence reason,
        string lost
    )
    {
        var (before, _) = await ScrapeAsync();
        _proc[file] = text;

        var (page, snapshot) = await ScrapeAsync();

        var failure = Assert.Single(snapshot.Runs, run => run.Reader.Name == reader).Failure;
        Assert.Equal(reason, failure!.Reason);
        Assert.Contains(file, failure.Detail, StringComparison.Ordinal);
        if (reason == Absence.Malformed)
            Assert.Contains("line 1: expected", failure.Detail, StringComparison.Ordinal);
        Assert.All(snapshot.Runs.Where(run => run.Reader.Name != reader), static run => Assert.Null(run.Failure));
        Assert.Contains($"\n{Prefix}{lost}", before, StringComparison.Ordinal);
        Assert.DoesNotContain($"\n{Prefix}{lost}{{", page, StringComparison.Ordinal);
        Assert.DoesNotContain($"\n{Prefix}{lost} ", page, StringComparison.Ordinal);
        Assert.Contains($"{Prefix}reader_success{{reader=\"{reader}\"}} 0\n", page, StringComparison.Ordinal);
        Assert.Contains($"{Prefix}tcp_sockets{{netns=\"self\",state=\"listen\"}} 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_reuse_delay_is_an_older_kernel()
    {
        _proc["sys/net/ipv4/tcp_tw_reuse_delay"] = null;

        Assert.Contains(
            $"{Prefix}reader_success{{reader=\"ephemeral_port_settings\"}} 1\n",
            (await ScrapeAsync()).Page,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("sys/fs/file-nr", "308 0 9223372036854775807", "system_file_descriptors")]
    [InlineData("sys/fs/file-nr", "308 0 -1", "system_file_descriptors")]
    [InlineData("sys/fs/file-nr", "308 0 " + ULongMax, "system_file_descriptors")]
    [InlineData("sys/net/netfilter/nf_conntrack_max", "0", "conntrack_entries")]
    [InlineData("sys/net/netfilter/nf_conntrack_max", "-1", "conntrack_entries")]
    [InlineData("sys/net/netfilter/nf_conntrack_max", LongMax, "conntrack_entries")]
    [InlineData("sys/net/ipv4/tcp_max_tw_buckets", "-1", "time_wait_sockets")]
    [InlineData("sys/net/ipv4/tcp_max_tw_buckets", LongMax, "time_wait_sockets")]
    [InlineData("sys/net/ipv4/tcp_max_orphans", "-1", "orphan_sockets")]
    [InlineData("sys/net/ipv4/tcp_max_orphans", LongMax, "orphan_sockets")]
    [InlineData("sys/net/ipv4/tcp_mem", "1 2 -1", "tcp_memory_bytes")]
    [InlineData("sys/net/ipv4/tcp_mem", "1 2 " + LongMax, "tcp_memory_bytes")]
    [InlineData("sys/net/ipv4/tcp_mem", "1 2 4611686018427387904", "tcp_memory_bytes")]
    [InlineData("sys/net/ipv4/tcp_mem", "1 " + ULongMax + " " + ULongMax, "tcp_memory_bytes")]
    [InlineData("sys/net/ipv4/udp_mem", "1 2 -1", "udp_memory_bytes")]
    [InlineData("sys/net/ipv4/udp_mem", "1 2 " + LongMax, "udp_memory_bytes")]
    [InlineData("sys/net/ipv4/neigh/default/gc_thresh3", "-1", "neighbour_entries")]
    [InlineData("sys/net/ipv4/neigh/default/gc_thresh3", LongMax, "neighbour_entries")]
    [InlineData("4711/limits", "unlimited", "process_file_descriptors")]
    [InlineData("4711/limits", LongMax, "process_file_descriptors")]
    [InlineData("4711/limits", ULongMax, "process_file_descriptors")]
    public async Task No_limit_means_no_ratio(string file, string text, string pool)
    {
        _proc["sys/net/ipv6/neigh/default/gc_thresh3"] = text;
        if (file.EndsWith("limits", StringComparison.Ordinal))
            _proc.AddProcess(4711, "node", "node\0/opt/openclaw/gateway.js\0", descriptors: 3, text);
        else
            _proc[file] = text;

        var (page, snapshot) = await ScrapeAsync();

        var state = Assert.Single(Diagnosis.Judge(snapshot).Pools, state => state.Pool.Name == pool);
        Assert.Equal((PoolCondition.Ok, null), (state.Condition, state.Unread));
        Assert.Contains($"\n{Prefix}{pool}", page, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Prefix}{pool}_limit", page, StringComparison.Ordinal);
        foreach (var ratio in (string[])["utilization", "exceeded", "filled"])
            Assert.DoesNotContain($"{Prefix}pool_{ratio}_ratio{{pool=\"{pool}\"", page, StringComparison.Ordinal);
    }

    /// <summary>
    /// The test above covers every pool with a numeric limit from the kernel. This list has the others.
    /// </summary>
    [Fact]
    public void No_limit_is_left_out() =>
        Assert.Equal(
            [
                "accept_queue_connections",
                "bridge_ports",
                "daemon_connections",
                "ephemeral_bind_ports",
                "ephemeral_connect_ports",
                "snat_ports",
            ],
            PoolCatalogue
                .All.Select(static pool => pool.Name)
                .Except(
                    typeof(BadInputTests)
                        .GetMethod(nameof(No_limit_means_no_ratio))!
                        .GetCustomAttributes(typeof(InlineDataAttribute), false)
                        .Cast<InlineDataAttribute>()
                        .Select(static row => (string)row.Data[2]!)
                )
                .Order()
        );

    [Fact]
    public async Task Names_of_invalid_UTF8_stay_apart()
    {
        var rows = string.Concat(
            ((string[])["\u00ffa", "\u00fea", "\\xffa"]).Select(
                static (name, i) => $"{name}: 1 2 3 {i + 4} 5 6 7 8 9 10 11 12 13 14 15 16\n"
            )
        );
        File.WriteAllBytes(
            Path.Combine(_proc.Root, "thread-self/net/dev"),
            [.. File.ReadAllBytes(Path.Combine(_proc.Root, "thread-self/net/dev")), .. Encoding.Latin1.GetBytes(rows)]
        );

        var (page, _) = await ScrapeAsync();

        // A name that looks like the notation of a byte stays distinct from that byte.
        foreach (var (label, drops) in new[] { (@"\\xffa", 4), (@"\\xfea", 5), (@"\\x5cxffa", 6) })
        {
            Assert.Contains(
                $"{Prefix}interface_drops_total{{netns=\"self\",interface=\"{label}\",direction=\"receive\"}} "
                    + $"{drops}\n",
                page,
                StringComparison.Ordinal
            );
        }
    }

    /// <summary>The ways in which a dump can break, each with the expected reason.</summary>
    public static TheoryData<string, Absence> BrokenDumps =>
        new()
        {
            { "ENOBUFS", Absence.Interrupted },
            { "no answer", Absence.TimedOut },
            { "refused", Absence.NotPermitted },
            { "cut datagram", Absence.Malformed },
            { "length below header", Absence.Malformed },
            { "length beyond datagram", Absence.Malformed },
            { "short record", Absence.Malformed },
            { "unknown state", Absence.Malformed },
            { "error in the end", Absence.Interrupted },
            { "changed while read", Absence.Interrupted },
            { "overrun", Absence.Interrupted },
        };

    [Theory]
    [MemberData(nameof(BrokenDumps))]
    public async Task A_broken_dump_is_no_count(string fault, Absence reason)
    {
        var good = FakeKernel.Socket(TcpState.Established, "10.0.0.1:40000", "10.0.0.2:443");
        Reading<byte[]>[] broken = fault switch
        {
            "ENOBUFS" => [good, new Missing(Absence.Interrupted, "netlink sock_diag: No buffer space available")],
            "no answer" => [good],
            "refused" => [FakeKernel.Error(Errno.EPERM)],
            "cut datagram" => [FakeKernel.Message(20, new byte[100_000])],
            "length below header" => [new byte[] { 4, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }],
            "length beyond datagram" => [good[..60]],
            "short record" => [FakeKernel.Message(20, new byte[71]), FakeKernel.Done()],
            "unknown state" => [FakeKernel.Socket((TcpState)13, "10.0.0.1:40000"), FakeKernel.Done()],
            "error in the end" => [good, FakeKernel.Done(Errno.ENOBUFS)],
            "changed while read" => [good, FakeKernel.Done(flags: LinuxNetlink.NLM_F_DUMP_INTR)],
            "overrun" => [good, FakeKernel.Message(LinuxNetlink.NLMSG_OVERRUN, [])],
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
        };
        _kernel = (_, _) => broken;

        var (page, snapshot) = await ScrapeAsync();

        Assert.Equal(reason, snapshot.Get<TcpSockets>().Missing?.Reason);
        Assert.DoesNotContain($"{Prefix}tcp_sockets", page, StringComparison.Ordinal);
        Assert.DoesNotContain($"\n{Prefix}ephemeral_", page, StringComparison.Ordinal);
        Assert.Contains($"{Prefix}reader_success{{reader=\"tcp_sockets\"}} 0\n", page, StringComparison.Ordinal);
        Assert.Contains($"{Prefix}conntrack_entries{{netns=\"self\"}} 26\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_legacy_request_is_refused_each_family_is_asked_and_nothing_counts_twice()
    {
        var asked = new List<int>();
        var fold = new SocketFold(isTcp: true, worst: 10);
        var kernel = new FakeKernel(
            (type, family) =>
            {
                asked.Add(type == LinuxInetDiag.TCPDIAG_GETSOCK ? 0 : family);
                return (type, family) switch
                {
                    (LinuxInetDiag.TCPDIAG_GETSOCK, _) =>
                    [
                        FakeKernel.Socket(TcpState.Listen, "127.0.0.1:8080"),
                        FakeKernel.Error(Errno.EINVAL),
                    ],
                    (_, SysSocket.AF_INET6) => [FakeKernel.Error(Errno.ENOENT)],
                    _ => [FakeKernel.Socket(TcpState.Listen, "127.0.0.1:8080"), FakeKernel.Done()],
                };
            }
        );

        var failure = SocketDiag.DumpTcp(
            new NetlinkDump(kernel, "tcp"),
            fold,
            SocketDiag.EveryState,
            Deadline.After(TimeSpan.FromSeconds(10))
        );

        // The fake answers both halves, sockets with ports and others, with one listener each. The refused answer adds
        // none, and a machine without IPv6 is no failure.
        Assert.Null(failure);
        Assert.Equal(2, fold.States[(int)TcpState.Listen - 1]);
        Assert.Equal([0, SysSocket.AF_INET, SysSocket.AF_INET6, SysSocket.AF_INET, SysSocket.AF_INET6], asked);
    }

    [Fact]
    public async Task A_process_that_ends_while_it_is_read_is_left_out()
    {
        _proc.AddProcess(12, "dying", "dying\0", descriptors: 1, "1024");
        _proc["12/limits"] = null;

        var (page, snapshot) = await ScrapeAsync();

        Assert.DoesNotContain("dying", page, StringComparison.Ordinal);
        Assert.Contains("process=\"node\"", page, StringComparison.Ordinal);
        Assert.All(snapshot.Runs, static run => Assert.Null(run.Failure));
    }

    [Fact]
    public async Task Hostile_process_names_stay_one_sample()
    {
        _proc.AddProcess(13, "a\"b\\c\nd", "openclaw\0", descriptors: 2, "unlimited");

        var page = (await ScrapeAsync()).Page;

        Assert.Contains(
            $"{Prefix}process_file_descriptors{{netns=\"self\",process=\"a\\\"b\\\\c\\nd\"}} 2\n",
            page,
            StringComparison.Ordinal
        );
    }

    async Task<(string Page, Snapshot Snapshot)> ScrapeAsync()
    {
        var readers = KernelReaders.All(
            new ProcMount(_proc.Root),
            new Regex("openclaw"),
            10,
            _proc.Root,
            _ => new FakeKernel(_kernel)
        );
        var snapshot = await new Sampler(readers, TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10));
        using var page = new MemoryStream();
        await Exposition
            .Publish(Diagnosis.Judge(snapshot))
            .Registry.CollectAndExportAsTextAsync(page, TestContext.Current.CancellationToken);
        return (Encoding.UTF8.GetString(page.ToArray()), snapshot);
    }
}
