using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.KernelTests;

/// <summary>
/// Closed connections whose FIN stays unanswered. The kernel counts an orphan fourfold when its peer is unreachable and
/// it has retransmitted for long. So orphans are exhausted at a quarter of tcp_max_orphans, where the pool warns.
/// </summary>
[Collection(WholeMachine.Name)]
public class OrphanTests(ITestOutputHelper output)
{
    const int Port = 8080;
    const int Beyond = 400;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The test is repeated until the log shows the event: the kernel limits the rate of its messages.
    /// </summary>
    [Fact]
    [Provokes("orphan_sockets", "tcp_aborts_on_memory_total", "kernel_log_event_timestamp_seconds too_many_orphans")]
    public void From_a_quarter_of_the_limit_on_orphans_are_reset() =>
        new KernelLogSince(KernelLogKind.TooManyOrphans).Await(() =>
        {
            using var netns = Namespace();
            var before = Look();
            var start = Stopwatch.GetTimestamp();
            var (orphans, full) = Provoke(netns);
            output.WriteLine($"{orphans} orphans after {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
            Assert.InRange(full.Used - before.Used, orphans - WholeMachine.Others, orphans + WholeMachine.Others);
            Assert.InRange(full.Utilization!.Value, 0.25, 0.26);

            Assert.True(SpinWait.SpinUntil(() => Orphans(netns) == 0, Patience), "they stay");
            var aborts = netns.SnapshotOf("tcp_counters").Symptom("tcp_aborts_on_memory_total")[""];
            output.WriteLine($"{aborts} reset after {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
            Assert.InRange(aborts, 1, orphans);
            Assert.Equal(netns.Nstat()["TcpExtTCPAbortOnMemory"], aborts);
        });

    static PrivateNamespace Namespace()
    {
        const string longest = "/proc/sys/net/ipv4/tcp_rto_max_ms";
        var netns = new PrivateNamespace();
        if (!File.Exists(longest))
        {
            netns.Dispose();
            Assert.Skip($"needs {longest} (Linux 6.15), or it takes minutes");
        }

        netns.Sysctl("net.ipv4.tcp_rto_max_ms", "3000");
        netns.Sysctl("net.ipv4.icmp_ratemask", "0");
        netns.Sysctl("net.ipv4.ip_local_port_range", "10000 64999");
        netns.Command(
            InstalledProgram.Find("nft"),
            "add table ip t; add chain ip t i { type filter hook input priority 0; }; add rule ip t i tcp flags "
                + "& fin == fin reject with icmp admin-prohibited"
        );
        return netns;
    }

    /// <summary>
    /// Creates a few more orphans than a quarter of the limit; returns their number and the level of the pool.
    /// </summary>
    static (int Orphans, PoolLevel Level) Provoke(PrivateNamespace netns)
    {
        var level = Look();
        Assert.SkipWhen(level.Limit is null or > 400_000, $"would make a quarter of {level.Limit} orphans");
        var pairs = (int)(((level.Limit!.Value / 4) - level.Used + Beyond) / 2);
        netns.Run(() =>
        {
            using var listener = RawSocket.Open(SocketType.Stream, isIPv6: false);
            Assert.Equal(0, listener.Bind(IPAddress.Loopback, Port));
            listener.Listen();
            for (var i = 0; i < pairs; i++)
            {
                using var client = RawSocket.Open(SocketType.Stream, isIPv6: false);
                Assert.Equal(0, client.Connect(IPAddress.Loopback, Port));
                using var server = listener.Accept();
            }
        });
        return (2 * pairs, Look());
    }

    /// <summary>The pool's level. The limit is visible only in the machine's own namespace, the count in all.</summary>
    static PoolLevel Look() =>
        Assert.Single(
            PoolCatalogue.OrphanSockets.Read(KernelSampling.SnapshotOf("sockstat", "socket_limits").Own).Value
        );

    static int Orphans(PrivateNamespace netns) =>
        netns.Command("ss", "-tanH", "state", "fin-wait-1").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
}
