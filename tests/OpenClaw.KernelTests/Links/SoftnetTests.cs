using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>
/// Copies one packet so often with tc that all copies reach a CPU at once. The counters belong to the machine; the
/// tests allow for the little that other programs add.
/// </summary>
public class SoftnetTests
{
    /// <summary>The kernel's limit on the actions of one filter (TCA_ACT_MAX_PRIO).</summary>
    const int ActionsOfFilter = 32;

    /// <summary>
    /// net.core.dev_weight: the number of packets of a queue after which the CPU checks its time limit.
    /// </summary>
    const int Weight = 64;

    const int Others = 50;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    [Provokes("softnet_drops_total")]
    public void Packets_beyond_the_backlog_are_dropped()
    {
        var backlog = Setting("netdev_max_backlog");
        Assert.SkipWhen(backlog > 20_000, $"would copy a packet {backlog} times");
        using var netns = new PrivateNamespace();
        var copies = Copy(netns, backlog + 400);
        var before = Series(netns, "softnet_drops_total");
        var lostBefore = Lost(netns);

        SendOne(netns);

        // The packet itself follows its copies. A full queue holds one packet more than its limit.
        var dropped = Lost(netns) - lostBefore;
        Assert.InRange(dropped, copies + 1 - (backlog + 1), copies);
        Assert.InRange(Series(netns, "softnet_drops_total") - before, dropped, dropped + Others);
    }

    /// <summary>Returns the packets that interfaces lost on transmit, also those of their start.</summary>
    static double Lost(PrivateNamespace netns) =>
        netns
            .SnapshotOf("interface_drops")
            .Symptom("interface_drops_total")
            .Where(static link => link.Key.EndsWith("transmit", StringComparison.Ordinal))
            .Sum(static link => link.Value);

    /// <summary>
    /// Each packet takes so long on receive that a turn of <see cref="Weight"/> packets exceeds the CPU's time limit.
    /// </summary>
    [Fact]
    [Provokes("softnet_times_squeezed_total")]
    public void Turns_that_take_too_long_are_squeezed()
    {
        const int turns = 4,
            rules = 60_000;
        Assert.SkipWhen(
            Setting("dev_weight") != Weight || Setting("netdev_budget_usecs") > 10_000,
            "needs the kernel's defaults of dev_weight and netdev_budget_usecs"
        );
        using var netns = new PrivateNamespace();
        var copies = Copy(netns, turns * Weight);
        using var folder = new TemporaryFolder();
        netns.Command(
            InstalledProgram.Find("nft"),
            "-f",
            folder.Write(
                "slow",
                string.Concat(
                    Enumerable
                        .Repeat("add rule netdev t i ip daddr 10.9.9.9 drop\n", rules)
                        .Prepend(
                            "add table netdev t\nadd counter netdev t done\nadd chain netdev t i { type filter "
                                + "hook ingress device w1 priority 0; }\n"
                        )
                        .Append("add rule netdev t i ip daddr 10.9.0.2 counter name done\n")
                )
            )
        );
        var before = Series(netns, "softnet_times_squeezed_total");

        SendOne(netns);

        Assert.True(
            SpinWait.SpinUntil(
                () =>
                    netns
                        .Command("nft", "list", "counter", "netdev", "t", "done")
                        .Contains($"packets {copies} ", StringComparison.Ordinal),
                Patience
            ),
            "not all arrived"
        );
        Assert.InRange(Series(netns, "softnet_times_squeezed_total") - before, turns, turns + Others);
    }

    /// <summary>
    /// Copies packets to 10.9.0.2 behind v0 to w0, at least this many times; returns the number of copies.
    /// </summary>
    static int Copy(PrivateNamespace netns, int atLeast)
    {
        netns.MakeVeth();
        netns.Batch("link add w0 type veth peer name w1", "link set w0 up", "link set w1 up");
        using var folder = new TemporaryFolder();
        const string mirror = "action mirred egress mirror dev w0";
        var actions = string.Join(" pipe ", Enumerable.Repeat(mirror, ActionsOfFilter));
        var filters = (atLeast + ActionsOfFilter - 1) / ActionsOfFilter;
        netns.Command(
            InstalledProgram.Find("tc"),
            "-batch",
            folder.Write(
                "copy",
                string.Concat(
                    Enumerable
                        .Range(1, filters)
                        .Select(i =>
                            $"filter add dev v0 egress protocol ip pref {i} u32 match ip dst 10.9.0.2/32 "
                            + $"{actions} continue\n"
                        )
                        .Prepend("qdisc add dev v0 clsact\n")
                )
            )
        );
        return filters * ActionsOfFilter;
    }

    static void SendOne(PrivateNamespace netns) =>
        netns.Run(static () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.SendTo([0], new IPEndPoint(IPAddress.Parse("10.9.0.2"), 9));
        });

    static double Series(PrivateNamespace netns, string symptom) => netns.SnapshotOf("softnet").Symptom(symptom)[""];

    static int Setting(string name)
    {
        var file = "/proc/sys/net/core/" + name;
        Assert.SkipUnless(File.Exists(file), $"needs to run in the machine's own network namespace, to see {file}");
        return int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);
    }
}
