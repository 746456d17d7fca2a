using System.Globalization;
using System.Runtime.InteropServices;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;
using static OpenClaw.KernelTests.TrackedPeers;

namespace OpenClaw.KernelTests;

[Collection(WholeMachine.Name)]
public partial class CtnetlinkStatsTests(ITestOutputHelper output)
{
    const int Excess = 1000;

    /// <summary>The kernel makes room by evicting entries without an answer.</summary>
    [Fact]
    [Provokes("conntrack_early_drops_total")]
    public void Evictions_from_a_full_table_are_those_of_the_proc_file()
    {
        using var netns = new PrivateNamespace();
        Track(netns);
        var maximum = Maximum();
        Assert.Equal(new ConntrackFailures(0, 0, 0, 0, 0), Failures(netns).Value);

        netns.Run(() => SendToPeers(0, maximum + Excess));

        var failures = Failures(netns).Value;
        Assert.Equal(OfProc(netns), failures);
        Assert.InRange(failures.EarlyDrops.Value, Excess, Excess + 100);
        Assert.Equal(0, failures.Drops.Value);
        Assert.Equal(failures.EarlyDrops.Value, Series(netns, "conntrack_early_drops_total"));
    }

    [Fact]
    [Provokes("conntrack_entries", "conntrack_drops_total")]
    public void Drops_at_a_full_table_are_those_of_the_proc_file()
    {
        using var netns = new PrivateNamespace();
        Track(netns);
        var maximum = Maximum();
        FillForGood(netns, maximum);
        netns.Run(() => SendToPeers(maximum, Excess));

        var failures = Failures(netns).Value;
        Assert.Equal(OfProc(netns), failures);
        Assert.Equal(Excess, failures.Drops.Value);
        Assert.Equal(0, failures.EarlyDrops.Value);
        Assert.Equal(Excess, Series(netns, "conntrack_drops_total"));
        var level = Assert.Single(PoolCatalogue.ConntrackEntries.Read(netns.SnapshotOf("conntrack").Own).Value);
        Assert.Equal((maximum, maximum, 1), (level.Used, level.Limit, level.Utilization));

        // The table is the cause, and the source ports, which were counted, are none.
        var (snapshot, cpu, bytes) = netns.Run(static () =>
        {
            var (time, allocated) = (CpuTimeOfThread(), GC.GetAllocatedBytesForCurrentThread());
            var taken = KernelSampling.SnapshotOf("conntrack", "conntrack_failures", "tracked_connections");
            return (taken, CpuTimeOfThread() - time, GC.GetAllocatedBytesForCurrentThread() - allocated);
        });
        output.WriteLine($"{maximum} entries: {cpu.TotalMilliseconds:F0} ms of CPU, {bytes} bytes");
        Assert.InRange(cpu, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.InRange(bytes, 0, 8 << 20);
        Assert.Empty(snapshot.Get<TrackedConnections>().Value.Translated.Groups);
        Assert.Equal("conntrack_entries", Assert.Single(Diagnosis.Judge(snapshot).Problems).Name);
    }

    [Fact]
    [Provokes("kernel_log_event_timestamp_seconds conntrack_table_full")]
    public void A_full_table_is_in_the_kernel_log_with_its_namespace()
    {
        var log = new KernelLogSince(KernelLogKind.ConntrackTableFull);
        using var netns = new PrivateNamespace();
        Track(netns);
        var maximum = Maximum();
        FillForGood(netns, maximum);

        var seen = log.Await(() => netns.Run(() => SendToPeers(maximum, 20)));

        // The message names the namespace since Linux 6.17.
        Assert.Equal(
            Environment.OSVersion.Version >= new Version(6, 17)
                ? netns.Run(static () => new FileInfo("/proc/thread-self/ns/net").LinkTarget)
                : "net:[]",
            $"net:[{seen.NetworkNamespace}]"
        );
    }

    [Fact]
    [Provokes("conntrack_entries")]
    public void Each_tracked_peer_is_an_entry()
    {
        using var netns = new PrivateNamespace();
        Track(netns);
        netns.Run(() => SendToPeers(0, 500));

        Assert.Equal(new ConntrackTable(500, Maximum()), netns.Run(() => ConntrackTable.Read(new ProcMount())).Value);
    }

    /// <summary>The exporter's own reader, with a procfs as in a kernel without CONFIG_NF_CONNTRACK_PROCFS.</summary>
    [Fact]
    public void Where_the_proc_file_is_missing_the_reader_asks_by_ctnetlink()
    {
        using var netns = new PrivateNamespace();
        using var proc = new TemporaryFolder();
        _ = proc.Write("thread-self/net/dev", "");
        _ = proc.Write("sys/net/core/somaxconn", "4096\n");
        Track(netns);
        var maximum = Maximum();
        netns.Run(() => SendToPeers(0, maximum + Excess));
        var reader = KernelReaders
            .All(new ProcMount(proc.PathOf(".")), new("none"), worst: 10)
            .Single(static reader => reader.Name == "conntrack_failures");
        Reading<ConntrackFailures> Read() =>
            netns.Run(() => SamplingPass.Read<ConntrackFailures>([reader], Deadline.After(TimeSpan.FromSeconds(5))));

        // Without a table there is nothing to read, and a request would load the module.
        Assert.Equal(Absence.NotPresent, Read().Missing?.Reason);
        _ = proc.Write("sys/net/netfilter/nf_conntrack_count", "1\n");

        Assert.InRange(Read().Value.EarlyDrops.Value, Excess, Excess + 100);
        Assert.Equal(OfProc(netns), Read().Value);
    }

    [Fact]
    public void It_takes_the_capability_that_it_names()
    {
        using var netns = new PrivateNamespace();
        Track(netns);
        Assert.Null(Failures(netns).Missing);

        // The header has version 3 and thread 0, this thread. The three sets of 64 bits are empty.
        Assert.Equal(0, netns.Run(static () => capset([0x20080522, 0], new uint[6])));

        Assert.Equal(Absence.NotPermitted, Failures(netns).Missing?.Reason);
        Assert.Equal("CAP_NET_ADMIN", CtnetlinkStats.Capability);
    }

    static double Series(PrivateNamespace netns, string symptom) =>
        netns.SnapshotOf("conntrack_failures").Symptom(symptom)[""];

    static Reading<ConntrackFailures> Failures(PrivateNamespace netns) =>
        netns.Run(() => CtnetlinkStats.Read(Open, Deadline.After(TimeSpan.FromSeconds(5))));

    static Reading<INetlinkTransport> Open(TimeSpan timeout) =>
        NetlinkSocket.OpenNetfilter(timeout).Select<INetlinkTransport>(static socket => socket);

    /// <summary>The CPU time of the calling thread; the first number of schedstat, in nanoseconds.</summary>
    static TimeSpan CpuTimeOfThread() =>
        TimeSpan.FromMicroseconds(
            long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture)
                / 1000
        );

    /// <summary>The columns of /proc/net/stat/nf_conntrack by name, summed over all CPUs.</summary>
    static ConntrackFailures OfProc(PrivateNamespace netns)
    {
        var lines = netns.Run(static () => File.ReadAllLines("/proc/thread-self/net/stat/nf_conntrack"));
        var names = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new(Sum("drop"), Sum("early_drop"), Sum("insert_failed"), Sum("clashres"), Sum("chainlength"));

        long Sum(string name) =>
            lines
                .Skip(1)
                .Sum(line =>
                    long.Parse(
                        line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[Array.IndexOf(names, name)],
                        NumberStyles.HexNumber,
                        CultureInfo.InvariantCulture
                    )
                );
    }

    // int capset(cap_user_header_t hdrp, const cap_user_data_t datap);
    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(ReadOnlySpan<uint> header, ReadOnlySpan<uint> data);
}
