using System.Text;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class RtnetlinkTests
{
    const ushort Interrupted = LinuxNetlink.NLM_F_DUMP_INTR;

    [Fact]
    public void A_dump_that_was_disturbed_is_asked_for_again_into_a_new_list()
    {
        var kernel = new ScriptedNetlink(
            ScriptedNetlink.Dump(Interrupted, Link("gone"), Link("eth0")),
            ScriptedNetlink.Dump(Interrupted, Link("gone")),
            ScriptedNetlink.Dump(0, Link("eth0"))
        );

        Assert.Equal("eth0", Assert.Single(Interfaces(kernel).Value.All).Name);
        Assert.Equal(3, kernel.Requests);
    }

    [Fact]
    public void A_dump_that_is_disturbed_every_time_is_given_up()
    {
        var disturbed = ScriptedNetlink.Dump(Interrupted, Link("eth0"));
        var kernel = new ScriptedNetlink(disturbed, disturbed, disturbed, disturbed);

        Assert.Equal(Absence.Interrupted, Interfaces(kernel).Missing?.Reason);
        Assert.Equal(3, kernel.Requests);
    }

    [Fact]
    public void A_lower_interface_in_another_namespace_is_none_here()
    {
        var link = Interfaces(
            Answer(
                Link(
                    "eth0@x",
                    ScriptedNetlink.Attribute(LinuxIfLink.IFLA_LINK, 7),
                    ScriptedNetlink.Attribute(LinuxIfLink.IFLA_LINK_NETNSID, 0)
                )
            )
        ).Value.All[0];

        Assert.Equal(0, link.Lower);
    }

    /// <summary>
    /// RFC 2863: unknown (0) is the state of interfaces that report none, and a dormant (5) interface waits for a
    /// login.
    /// </summary>
    [Fact]
    public void An_interface_that_passes_nothing_is_down()
    {
        var links = Interfaces(
            Answer([
                .. Enumerable
                    .Range(0, 7)
                    .Select(static state =>
                        Link($"eth{state}", ScriptedNetlink.Attribute(LinuxIfLink.IFLA_OPERSTATE, (byte)state))
                    ),
                Link("none"),
            ])
        ).Value.All;

        Assert.Equal(
            ["eth1", "eth2", "eth3"],
            links.Where(static link => link.IsDown).Select(static link => link.Name)
        );
    }

    [Fact]
    public void An_attribute_that_does_not_fit_is_malformed()
    {
        byte[] cut = [.. Link("eth0"), 0xff, 0, LinuxIfLink.IFLA_MASTER, 0];
        Assert.Equal(Absence.Malformed, Interfaces(Answer(cut)).Missing?.Reason);

        var nested = Link("eth0", ScriptedNetlink.Attribute(LinuxIfLink.IFLA_LINKINFO, 0xff, 0, 1, 0));
        Assert.Equal(Absence.Malformed, Interfaces(Answer(nested)).Missing?.Reason);
        Assert.Equal(Absence.Malformed, Interfaces(Answer([0, 0])).Missing?.Reason);
    }

    /// <summary>Ports of a bond share its address, and so do VLANs on it and the bridge above them.</summary>
    [Fact]
    public void Addresses_taken_from_another_interface_are_no_duplicates()
    {
        NetworkInterface bond = new(1, "bond0", "bond", "", 0, 0, 5);
        NetworkInterfaces interfaces = new([
            bond,
            new(2, "eth0", "", "bond", bond.Index, 0, 5),
            new(3, "eth1", "", "bond", bond.Index, 0, 5),
            new(4, "bond0.10", "vlan", "bridge", 6, bond.Index, 5),
            new(5, "bond0.20", "vlan", "", 0, bond.Index, 5),
            new(6, "br0", "bridge", "", 0, 0, 5),
            new(7, "lo", "", "", 0, 0, 0),
            new(8, "dummy0", "dummy", "", 0, 0, 0),
        ]);

        Assert.Equal(0, interfaces.DuplicateMacAddresses);
        Assert.Equal(
            1,
            new NetworkInterfaces(interfaces.All.Add(new(9, "eth2", "", "", 0, 0, 5))).DuplicateMacAddresses
        );
    }

    [Theory]
    [InlineData(0u, "none")]
    [InlineData(uint.MaxValue, "root")]
    [InlineData(0xfffffff1u, "ingress")]
    [InlineData(0x80010000u, "8001:")]
    [InlineData(0x0001000au, "1:a")]
    public void Handles_read_as_tc_writes_them(uint handle, string text) =>
        Assert.Equal(text, new TrafficHandle(handle).ToString());

    [Fact]
    public void Counters_of_queues_come_from_the_old_attribute_where_there_is_no_new_one()
    {
        var fold = new TrafficQueueFold();
        byte[] old = ScriptedNetlink.Attribute(
            LinuxRtnetlink.TCA_STATS,
            new LinuxGenStats.tc_stats
            {
                drops = 3,
                overlimits = 4,
                backlog = 5,
            }
        );
        byte[] queue = ScriptedNetlink.Attribute(
            LinuxRtnetlink.TCA_STATS2,
            ScriptedNetlink.Attribute(
                LinuxGenStats.TCA_STATS_QUEUE,
                new LinuxGenStats.gnet_stats_queue
                {
                    drops = 6,
                    overlimits = 7,
                    backlog = 8,
                }
            )
        );
        byte[] message =
        [
            .. new byte[20],
            .. ScriptedNetlink.Attribute(LinuxRtnetlink.TCA_KIND, "tbf\0"u8.ToArray()),
            .. old,
        ];

        Assert.True(fold.TryAdd(message));
        Assert.True(fold.TryAdd([.. message, .. queue]));

        Assert.Equal(
            [(3, 4, 5), (6, 7, 8)],
            fold.Queues.Select(static node => (node.Drops, node.Overlimits, node.BacklogBytes))
        );
        Assert.False(fold.TryAdd([.. message, .. ScriptedNetlink.Attribute(LinuxRtnetlink.TCA_STATS2, 0xff, 0, 3, 0)]));
    }

    /// <summary>Clashes and long hash chains cannot be provoked at will, so this test scripts them.</summary>
    [Fact]
    public void Conntrack_failures_are_told_apart_by_attribute_and_summed_over_cpus()
    {
        byte[] Cpu(uint unit) =>
            [
                .. new byte[4],
                .. Enumerable.Range(1, 16).SelectMany(type => ScriptedNetlink.BigEndian(type, unit * (1u << type))),
            ];

        var failures = CtnetlinkStats.Read(_ => Answer(Cpu(1), Cpu(2)), Deadline.After(TimeSpan.FromSeconds(1))).Value;

        Assert.Equal(new ConntrackFailures(3 << 10, 3 << 11, 3 << 9, 3 << 14, 3 << 15), failures);
    }

    static ScriptedNetlink Answer(params byte[][] payloads) => new(ScriptedNetlink.Dump(0, payloads));

    static Reading<NetworkInterfaces> Interfaces(ScriptedNetlink kernel) =>
        SamplingPass.Read<NetworkInterfaces>(
            [new NetworkInterfacesReader(_ => kernel)],
            Deadline.After(TimeSpan.FromSeconds(1))
        );

    static byte[] Link(string name, params byte[][] attributes) =>
        [
            .. new byte[16],
            .. ScriptedNetlink.Attribute(LinuxIfLink.IFLA_IFNAME, Encoding.UTF8.GetBytes(name + "\0")),
            .. attributes.SelectMany(static attribute => attribute),
        ];
}
