using System.Diagnostics;
using OpenClaw.Kernel.Links;

namespace OpenClaw.Exporter.Tests;

public class DuplicateMacAddressTests
{
    const ulong OfCalico = 0xeeee_eeee_eeee;
    const ulong OfHardware = 0x0050_5600_0001;

    [Fact]
    public void The_address_that_Calico_gives_to_all_of_its_interfaces_is_no_duplicate() =>
        Assert.Equal(
            0,
            new NetworkInterfaces([
                .. Enumerable.Range(1, 100).Select(static i => Veth(i, OfCalico)),
            ]).DuplicateMacAddresses
        );

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    public void Ports_of_bridges_may_share_a_segment(int one, int other) =>
        Assert.Equal(
            1,
            new NetworkInterfaces([
                new(1, "br1", "bridge", "", 0, 0, 0),
                new(2, "br2", "bridge", "", 0, 0, 0),
                Veth(3, OfCalico) with
                {
                    Master = one,
                    PortKind = "bridge",
                },
                Veth(4, OfCalico) with
                {
                    Master = other,
                    PortKind = "bridge",
                },
            ]).DuplicateMacAddresses
        );

    [Fact]
    public void Both_ends_of_a_veth_pair_share_a_segment() =>
        Assert.Equal(
            1,
            new NetworkInterfaces([
                Veth(1, OfCalico) with
                {
                    Lower = 2,
                },
                Veth(2, OfCalico) with
                {
                    Lower = 1,
                },
            ]).DuplicateMacAddresses
        );

    [Fact]
    public void The_address_of_a_network_card_belongs_to_one_interface() =>
        Assert.Equal(1, new NetworkInterfaces([Veth(1, OfHardware), Veth(2, OfHardware)]).DuplicateMacAddresses);

    [Fact]
    public void A_card_does_not_share_the_segment_of_a_veth_pair() =>
        Assert.Equal(
            0,
            new NetworkInterfaces([
                new(1, "eth0", "", "", 0, 0, OfCalico),
                Veth(2, OfCalico),
                Veth(3, OfCalico),
            ]).DuplicateMacAddresses
        );

    /// <summary>A comparison of all pairs of interfaces would take 64 times as long.</summary>
    [Fact]
    public void Eight_times_the_interfaces_take_no_more_than_thirty_times_as_long()
    {
        var (few, many) = (Ports(2_500), Ports(20_000));
        Assert.Equal((1, 1), (few.DuplicateMacAddresses, many.DuplicateMacAddresses));

        // The minimum of several runs excludes other load on the machine. The small case runs first and so warms up the
        // code.
        var fastest = Fastest(few);
        Assert.InRange(Fastest(many) / fastest, 0, 30);

        static double Fastest(NetworkInterfaces interfaces) =>
            Enumerable
                .Range(0, 25)
                .Min(_ =>
                {
                    var start = Stopwatch.GetTimestamp();
                    _ = interfaces.DuplicateMacAddresses;
                    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                });

        // Each interface could share the address of its parent or master, and does not.
        static NetworkInterfaces Ports(int count) =>
            new([
                .. Enumerable
                    .Range(1, count)
                    .Select(static i => new NetworkInterface(
                        i,
                        $"m{i}",
                        "macvlan",
                        "bond",
                        1_000_000,
                        2_000_000,
                        OfCalico
                    )),
            ]);
    }

    static NetworkInterface Veth(int index, ulong address) => new(index, $"cali{index}", "veth", "", 0, 0, address);
}
