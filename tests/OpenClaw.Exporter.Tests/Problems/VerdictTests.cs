using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

/// <summary>Numbers and failures in words.</summary>
public class VerdictTests
{
    [Theory]
    [InlineData(28220, 28232, "99.9%")]
    [InlineData(28231, 28232, "99.9%")]
    [InlineData(9995, 10000, "99.9%")]
    [InlineData(9989, 10000, "99.9%")]
    [InlineData(28232, 28232, "100%")]
    [InlineData(1, 3, "33.3%")]
    public void A_pool_is_100_percent_used_only_when_it_is_full(long used, long limit, string percent)
    {
        Assert.Equal(percent, Verdicts.Percent(new PoolLevel(used, limit, WholeSubject.Only)));
        Assert.Equal(percent, Percentage.Format((double)used / limit));
    }

    /// <summary>The bar's number and the screen reader's text agree.</summary>
    [Fact]
    public void The_page_says_100_percent_only_of_a_pool_that_is_full()
    {
        var reader = new FunctionReader<FileNr>("file_nr", "", static _ => new FileNr(28220, 28232));
        var diagnosis = Diagnosis.Judge(SnapshotOf(reader)).Repeat(2, TimeSpan.FromMinutes(1));

        var page = new StatusPage(diagnosis).Render();

        Assert.Contains("99.9%", page, StringComparison.Ordinal);
        Assert.DoesNotContain("100%", page, StringComparison.Ordinal);
    }

    /// <summary>
    /// The kernel refuses memory at the limit, and resets orphans above it (tcp_check_oom() in net/ipv4/tcp.c). A limit
    /// of 0 on TIME_WAIT only turns that state off (inet_twsk_alloc() in net/ipv4/inet_timewait_sock.c).
    /// </summary>
    [Theory]
    [InlineData("orphan_sockets", "sysctl -w net.ipv4.tcp_max_orphans=4096")]
    [InlineData("tcp_memory_bytes", "sysctl -w net.ipv4.tcp_mem=\"8192 12288 16384\"")]
    [InlineData("udp_memory_bytes", "sysctl -w net.ipv4.udp_mem=\"8192 12288 16384\"")]
    public void A_limit_of_0_allows_none_and_is_raised(string name, string command)
    {
        var diagnosis = Diagnosis.Judge(
            SnapshotOf(
                new FunctionReader<Sockstat>("sockstat", "", static _ => new Sockstat(0, 0, 0, 0, 0, 0, 0)),
                new FunctionReader<SocketLimits>("socket_limits", "", static _ => new SocketLimits(0L, 0L, 0L, 0L))
            )
        );

        var problem = Assert.Single(diagnosis.Problems, problem => problem.Name == name);

        Assert.Equal(PoolCondition.Critical, problem.Condition);
        Assert.Equal(
            name.EndsWith("_bytes", StringComparison.Ordinal)
                ? "0 bytes with a limit of 0 bytes (100%)"
                : "0 with a limit of 0 (100%)",
            problem.Evidence
        );
        Assert.Equal(command, problem.Remedy.Command);
        Assert.DoesNotContain(diagnosis.Problems, static problem => problem.Name == "time_wait_sockets");
        Assert.StartsWith(
            "Orphan sockets have a limit of 0: OpenClaw reports ",
            Verdicts.Summarize(diagnosis),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_state_that_shows_has_its_whole_name()
    {
        var symptom = SymptomCatalogue.All.Single(static symptom => symptom.Name == "qdisc_backlog_bytes");
        var sample = new SymptomSample(new(symptom, "shop"), "shop", new(12345, "eth0", "", "", ""), null);

        Assert.Equal(
            "Qdisc backlog bytes (eth0) in shop is 12,345",
            Verdicts.Failure(new SymptomFinding(sample, 0, default, null) { Phase = Phase.Failing })
        );
    }

    /// <summary>These codes are counted and shown among the events.</summary>
    [Theory]
    [InlineData("clw-auth-failed", PoolCondition.Ok)]
    [InlineData("other", PoolCondition.Ok)]
    [InlineData(ClwCodes.ResourceLimit, PoolCondition.Warning)]
    internal void A_code_that_is_no_matter_of_the_network_alarms_nobody(string code, PoolCondition expected)
    {
        var before = Diagnosis.Judge(SnapshotOf(Files(), Log(code, 1)));

        var diagnosis = Diagnosis.Judge(SnapshotOf(Files(), Log(code, 3)), earlier: before.Timeline);

        Assert.Equal(expected, diagnosis.Condition);
        Assert.Equal(2, Assert.Single(diagnosis.Symptoms).Increase);
    }

    static FunctionReader<FileNr> Files() => new("file_nr", "", static _ => new FileNr(1, 100));

    static FunctionReader<ClwErrors> Log(string code, long count) =>
        new("openclaw_log", "", _ => new ClwErrors(ImmutableSortedDictionary<string, long>.Empty.Add(code, count), []));

    static Snapshot SnapshotOf(params ImmutableArray<Reader> readers) => readers.SnapshotHere(DateTimeOffset.UnixEpoch);
}
