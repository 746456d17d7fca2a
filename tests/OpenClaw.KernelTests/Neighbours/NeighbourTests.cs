using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Neighbours;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// The neighbour tables belong to the machine: any namespace fills them, but only the machine's own shows them.
/// </summary>
[Collection(WholeMachine.Name)]
public class NeighbourTests
{
    const int Beyond = 50;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("ipv4", "10.9.0.0", SocketError.NoBufferSpaceAvailable)]
    [InlineData("ipv6", "fd09::", SocketError.InvalidArgument)]
    [Provokes("neighbour_entries", "neighbour_table_fulls_total")]
    public void Each_neighbour_that_does_not_fit_makes_a_call_fail_and_counts(
        string family,
        string network,
        SocketError refusal
    )
    {
        AwaitFree(family);
        var (before, fulls) = Settled(family);
        int refused;
        PoolLevel full;
        double after;
        using (var netns = Namespace())
        {
            refused = Fill(netns, IPAddress.Parse(network), (int)(before.Limit!.Value - before.Used) + Beyond, refusal);
            (full, after) = Look(family);
        }

        Assert.InRange(refused, 1, Beyond + before.Used);
        Assert.InRange(after - fulls, refused, refused + WholeMachine.Others);
        Assert.InRange(full.Used, full.Limit!.Value, full.Limit.Value + WholeMachine.Others);
        Assert.Equal(1, full.Utilization);
        Assert.True(
            SpinWait.SpinUntil(() => Look(family).Level.Used < WholeMachine.Others + before.Used, Patience),
            "the entries stay behind"
        );
    }

    /// <summary>The cause is repeated, since the kernel limits the rate of all its messages together.</summary>
    [Fact]
    [Provokes("kernel_log_event_timestamp_seconds neighbour_table_overflow")]
    public void A_full_table_is_in_the_kernel_log()
    {
        var log = new KernelLogSince(KernelLogKind.NeighbourTableOverflow);

        log.Await(() =>
        {
            var (level, _) = Look("ipv4");
            using var netns = Namespace();
            Fill(
                netns,
                IPAddress.Parse("10.9.0.0"),
                (int)(level.Limit!.Value - level.Used) + Beyond,
                SocketError.NoBufferSpaceAvailable
            );
        });
    }

    /// <summary>
    /// Since Linux 5.0 the kernel adds permanent and externally learned entries to a full table too (neigh_alloc).
    /// </summary>
    [Fact]
    public void Entries_that_the_kernel_never_refuses_do_not_fill_the_table()
    {
        AwaitFree("ipv4");
        var (before, fulls) = Settled("ipv4");
        var count = (int)before.Limit!.Value + Beyond;
        using var netns = Namespace();
        netns.Start(new("sleep", "60"));
        AddExempt(netns, count);

        var snapshot = KernelSampling.SnapshotOf(
            KernelReaders.All(new ProcMount(), new("openclaw"), worst: 1000, namespaces: new()),
            "processes",
            "network_namespaces",
            "neighbour_tables"
        );

        var tables = snapshot.Get<NeighbourTables>().Value;
        Assert.True(tables.IPv4.Value.Entries >= count, "the table is not full");
        var state = Diagnosis.Judge(snapshot).StateOf(PoolCatalogue.NeighbourEntries);
        Assert.Equal(PoolCondition.Ok, state.Condition);
        var level = Assert.Single(state.Levels.Value, static level => level.Subject == "ipv4");
        Assert.InRange(level.Used, 0, before.Used + WholeMachine.Others);
        Assert.InRange(snapshot.Symptom("neighbour_table_fulls_total")["ipv4"] - fulls, 0, WholeMachine.Others);
    }

    /// <summary>The files show a full table, and the entries are those of the exporter's own namespace.</summary>
    [Fact]
    public void Entries_of_the_own_namespace_are_told_apart_without_any_right()
    {
        const int count = 1100;
        using var netns = Namespace();
        AddExempt(netns, count - 1); // One permanent entry is there already: see MakeVeth.
        using var folder = new TemporaryFolder();
        folder.Write("thread-self/net/stat/arp_cache", $"entries  table_fulls\n{count + 7:x8} 00000005\n");
        folder.Write("sys/net/ipv4/neigh/default/gc_thresh3", "1024\n");

        var snapshot = netns.Run(() =>
            KernelSampling.SnapshotOf(
                KernelReaders.All(new ProcMount(folder.PathOf("")), new("openclaw"), worst: 1000),
                "neighbour_tables"
            )
        );

        var level = Assert.Single(PoolCatalogue.NeighbourEntries.Read(snapshot.Own).Value);
        Assert.Equal((7, 1024), (level.Used, level.Limit));
    }

    [Fact]
    public void The_interface_with_most_entries_is_named()
    {
        AwaitFree("ipv4");
        using var netns = Namespace();
        netns.Batch(
            "link add w0 type veth peer name w1",
            "link set w0 up",
            "link set w1 up",
            "addr add 10.40.0.1/16 dev w0"
        );
        Assert.Equal(0, Fill(netns, IPAddress.Parse("10.10.0.0"), 60, SocketError.NoBufferSpaceAvailable));
        Assert.Equal(0, Fill(netns, IPAddress.Parse("10.40.0.0"), 20, SocketError.NoBufferSpaceAvailable));
        AddExempt(netns, 200);
        using var folder = new TemporaryFolder();
        folder.Write("thread-self/net/stat/arp_cache", $"entries  table_fulls\n{281:x8} 00000000\n");
        folder.Write("sys/net/ipv4/neigh/default/gc_thresh3", "300\n");

        var snapshot = netns.Run(() =>
            KernelSampling.SnapshotOf(
                KernelReaders.All(new ProcMount(folder.PathOf("")), new("openclaw"), worst: 1000),
                "neighbour_tables"
            )
        );

        var level = Assert.Single(PoolCatalogue.NeighbourEntries.Read(snapshot.Own).Value);
        Assert.Equal(
            [("interface v0", 60), ("interface w0", 20)],
            PoolCatalogue
                .NeighbourEntries.HoldersOf(snapshot.Own, level)
                .Worst.Select(static holder => (holder.Name, (int)holder.Count))
        );
    }

    /// <summary>
    /// Waits for the entries of a test before: the kernel frees them long after their namespace ended.
    /// </summary>
    static void AwaitFree(string family) =>
        SpinWait.SpinUntil(() => Look(family).Level.Used < WholeMachine.Others, Patience);

    /// <summary>Adds entries of both kinds that the limit does not apply to.</summary>
    static void AddExempt(PrivateNamespace netns, int count) =>
        netns.Batch([
            .. Enumerable
                .Range(0x100, count)
                .Select(static i =>
                    $"neigh add 10.9.{i >> 8}.{i & 0xff} lladdr 02:00:00:00:00:01 dev v0 nud "
                    + (i % 2 == 0 ? "permanent" : "reachable extern_learn")
                ),
        ]);

    static PrivateNamespace Namespace()
    {
        var netns = new PrivateNamespace();
        netns.MakeVeth();
        netns.Batch("addr add 10.9.0.1/12 dev v0", "addr add fd09::1/64 dev v0 nodad");
        return netns;
    }

    /// <summary>
    /// The level once it is stable: the kernel frees a namespace's entries long after the namespace ended.
    /// </summary>
    static (PoolLevel Level, double Fulls) Settled(string family)
    {
        var look = Look(family);
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    Thread.Sleep(500);
                    var earlier = look;
                    look = Look(family);
                    return look.Level.Used == earlier.Level.Used;
                },
                Patience
            ),
            "neighbours come and go without end"
        );
        return look;
    }

    static (PoolLevel Level, double Fulls) Look(string family)
    {
        var snapshot = KernelSampling.SnapshotOf("neighbour_tables");
        var levels = PoolCatalogue.NeighbourEntries.Read(snapshot.Own);
        Assert.SkipWhen(levels.Missing is not null, $"needs to run in the machine's own network namespace: {levels}");
        var level = Assert.Single(levels.Value, level => level.Subject == family);
        Assert.SkipWhen(level.Limit > 100_000, $"would make {level.Limit} neighbours");
        return (level, snapshot.Symptom("neighbour_table_fulls_total")[family]);
    }

    /// <summary>
    /// Sends to neighbours that do not answer, a new one each time. Returns the number of calls that were refused
    /// without a free entry.
    /// </summary>
    static int Fill(PrivateNamespace netns, IPAddress network, int count, SocketError refusal) =>
        netns.Run(() =>
        {
            using var socket = new Socket(network.AddressFamily, SocketType.Dgram, ProtocolType.Udp);

            // SO_SNDBUFFORCE: packets that wait for the neighbour's answer stay in the socket's buffer.
            socket.SetRawSocketOption(1, 32, BitConverter.GetBytes(1 << 28));

            // IP_RECVERR: without it the kernel counts the refusal and does not report it.
            if (network.AddressFamily == AddressFamily.InterNetwork)
                socket.SetRawSocketOption(0, 11, BitConverter.GetBytes(1));
            var address = network.GetAddressBytes();
            var refused = 0;
            for (var i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(address.AsSpan(^2), (ushort)(0x100 + i));
                try
                {
                    socket.SendTo([0], new IPEndPoint(new IPAddress(address), 9));
                }
                catch (SocketException error) when (error.SocketErrorCode == refusal)
                {
                    refused++;
                }
            }

            return refused;
        });
}
