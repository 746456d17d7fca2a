using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.KernelTests;

/// <summary>
/// Packets of one new connection that pass through connection tracking at the same time, before any of them is in its
/// table.
/// </summary>
public class ConntrackClashTests
{
    const int Packets = 12;

    /// <summary>
    /// For UDP the kernel reuses the first packet's entry. Every other packet counts as a clash and passes.
    /// </summary>
    [Fact]
    [Provokes("conntrack_clashes_total")]
    public void Datagrams_that_meet_are_clashes_and_no_failures() =>
        Assert.Equal((Packets - 1, 0, 0), Provoke("udp", ClashingPackets.Datagram()));

    /// <summary>
    /// For TCP the kernel cannot reuse it. Every other packet is dropped and counts as an insert failure.
    /// </summary>
    [Fact]
    [Provokes("conntrack_insert_failures_total", "conntrack_drops_total")]
    public void SYNs_that_meet_are_failures_and_drops() =>
        Assert.Equal((0, Packets - 1, Packets - 1), Provoke("tcp", ClashingPackets.Syn()));

    /// <summary>
    /// The verdict names the clash and no lack of ports, even where connections are translated. Packets one after the
    /// other, as the advice has it, do not fail.
    /// </summary>
    [Fact]
    public void A_clash_is_no_lack_of_source_ports()
    {
        using var netns = new PrivateNamespace();
        TranslatedPeers.Translate(netns, "tcp", "7000");
        TrackedPeers.Track(netns);
        using var queue = new PacketQueue(netns, "tcp");
        var before = Diagnose(Timeline.Empty);
        netns.Run(static () => ClashingPackets.Send(ClashingPackets.Syn(), Packets));
        queue.Release(Packets);

        var diagnosis = Diagnose(before.Timeline);
        Assert.Equal(
            ["conntrack_drops_total", "conntrack_insert_failures_total"],
            diagnosis.Problems.Select(static problem => problem.Name)
        );
        Assert.All(diagnosis.Problems, static problem =>
        {
            Assert.Contains("packets of one connection clash", problem.Remedy.Advice, StringComparison.Ordinal);
            Assert.DoesNotContain("no free source port", problem.Remedy.Advice, StringComparison.Ordinal);
        });

        for (var released = Packets + 1; released <= 2 * Packets; released++)
        {
            netns.Run(static () => ClashingPackets.Send(ClashingPackets.Syn(sourcePort: 4001), 1));
            queue.Release(released);
        }

        Assert.Equal((0, Packets - 1, Packets - 1), Series(netns));

        Diagnosis Diagnose(Timeline earlier) =>
            Diagnosis.Judge(
                netns.Run(static () =>
                    KernelSampling.SnapshotOf("conntrack", "conntrack_failures", "tracked_connections")
                ),
                earlier: earlier
            );
    }

    static (double Clashes, double InsertFailures, double Drops) Provoke(string protocol, byte[] packet)
    {
        using var netns = new PrivateNamespace();
        netns.Command(
            InstalledProgram.Find("nft"),
            "add table inet t; add chain inet t i { type filter hook input priority 0; }; add rule inet t i ct "
                + "state new counter drop"
        );
        using var queue = new PacketQueue(netns, protocol);
        Assert.Equal((0, 0, 0), Series(netns));

        netns.Run(() => ClashingPackets.Send(packet, Packets));
        Assert.Equal((0, 0, 0), Series(netns));
        queue.Release(Packets);

        var series = Series(netns);
        var asked = netns
            .Run(static () =>
                CtnetlinkStats.Read(
                    static timeout =>
                        NetlinkSocket.OpenNetfilter(timeout).Select<INetlinkTransport>(static socket => socket),
                    Deadline.After(TimeSpan.FromSeconds(5))
                )
            )
            .Value;
        Assert.Equal(series, (asked.Clashes.Value, asked.InsertFailures.Value, asked.Drops.Value));

        // All other packets have arrived.
        Assert.Contains(
            $"packets {Packets - series.Drops} ",
            netns.Command("nft", "list", "table", "inet", "t"),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "1",
            netns.Run(static () => File.ReadAllText("/proc/sys/net/netfilter/nf_conntrack_count")).Trim()
        );
        return series;
    }

    static (double Clashes, double InsertFailures, double Drops) Series(PrivateNamespace netns)
    {
        var snapshot = netns.SnapshotOf("conntrack_failures");
        return (
            snapshot.Symptom("conntrack_clashes_total")[""],
            snapshot.Symptom("conntrack_insert_failures_total")[""],
            snapshot.Symptom("conntrack_drops_total")[""]
        );
    }
}
