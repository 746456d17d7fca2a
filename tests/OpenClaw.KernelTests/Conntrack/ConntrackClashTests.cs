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
