using System.Net;
using OpenClaw.Kernel.Ports;
using SocketAddress = OpenClaw.Kernel.InetDiag.SocketAddress;

namespace OpenClaw.Exporter.Tests;

/// <summary>Counts of a program in the kernel give exact ports.</summary>
public class WalkedPortsTests
{
    const ushort First = 100;

    static readonly Destination Remote = new(Address("192.0.2.1"), 443);

    [Fact]
    public void Blocked_ports_count_for_every_destination()
    {
        var ports = Ports(
            TimeWaitReuse.Never,
            "10.0.0.1",
            Remote,
            0,
            new(Busy: 3, Idle: 2, TimeWait: 1, OldTimeWait: 1)
        );

        var (pair, other) = (ports.Connect[0], ports.Connect[1]);
        Assert.Equal(
            (Remote, 9, 7, 2, 2),
            (pair.Destination, pair.Used, pair.Own, pair.TimeWait, pair.IdleWithoutKeepalive)
        );
        Assert.Equal((null, 2), (other.Destination, other.Used));
        Assert.True(ports.IsExact);
    }

    /// <summary>Old sockets in TIME_WAIT hold no port where tcp_tw_reuse lets connect() take it.</summary>
    [Theory]
    [InlineData(TimeWaitReuse.Never, "10.0.0.1", "192.0.2.1", 0, 5)]
    [InlineData(TimeWaitReuse.Always, "10.0.0.1", "192.0.2.1", 0, 2)]
    [InlineData(TimeWaitReuse.Loopback, "10.0.0.1", "192.0.2.1", 0, 5)]
    [InlineData(TimeWaitReuse.Loopback, "10.0.0.1", "192.0.2.1", 2, 5)]
    [InlineData(TimeWaitReuse.Loopback, "10.0.0.1", "192.0.2.1", 1, 2)]
    [InlineData(TimeWaitReuse.Loopback, "127.0.0.1", "192.0.2.1", 0, 2)]
    [InlineData(TimeWaitReuse.Loopback, "10.0.0.1", "127.0.0.1", 0, 2)]
    [InlineData(TimeWaitReuse.Loopback, "::1", "::1", 0, 2)]
    public void Old_TIME_WAIT_is_reused_by_the_rule(
        TimeWaitReuse reuse,
        string source,
        string destination,
        uint index,
        int used
    )
    {
        var ports = Ports(reuse, source, new(Address(destination), 443), index, new(0, 0, TimeWait: 2, OldTimeWait: 3));

        Assert.Equal((used, used), (ports.Connect[0].Own, ports.Connect[0].TimeWait));
    }

    [Fact]
    public void A_pair_with_only_reusable_ports_has_no_row()
    {
        var ports = Ports(TimeWaitReuse.Always, "10.0.0.1", Remote, 0, new(0, 0, 0, OldTimeWait: 3));

        Assert.Null(Assert.Single(ports.Connect).Destination);
    }

    /// <summary>An IPv6 socket holds its port against IPv4 unless it refuses IPv4.</summary>
    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 0)]
    public void Ports_of_IPv6_count_for_IPv4_unless_they_refuse_it(bool isIPv6Only, int used)
    {
        var fold = new PortFold(isTcp: true, worst: 10);
        var settings = Settings(TimeWaitReuse.Never);
        fold.Restart(settings);
        fold.AddBlocked(new byte[8192]);
        fold.AddPorts(Address("2001:db8::1"), isIPv6Only, Bitmap(First, First + 1));

        var bind = fold.ToEphemeralPorts(settings, sawAll: true).Bind;

        Assert.Equal(
            [("0.0.0.0", used, true), ("::", 2, true), ("2001:db8::1", 2, true)],
            [.. bind.Select(static row => (row.Address.ToString(), row.Used, row.IsExact))]
        );
    }

    [Fact]
    public void The_walk_gets_the_ports_that_may_be_assigned_and_those_with_a_listener()
    {
        var fold = new PortFold(isTcp: true, worst: 10);
        var settings = Settings(TimeWaitReuse.Never);
        settings.Reserved.Add(First + 5);
        fold.Restart(settings);
        var (assigned, blocked) = (new byte[8192], new byte[8192]);

        fold.WriteAssignedTo(assigned);
        fold.WriteBlockedTo(blocked);

        var ports = new PortSet();
        ports.Add(assigned);
        Assert.Equal(99, ports.Count);
        Assert.False(ports.Contains(First + 5));
        Assert.True(ports.Contains(First + 6));
        Assert.Equal(new byte[8192], blocked);
    }

    static EphemeralPorts Ports(
        TimeWaitReuse reuse,
        string source,
        Destination destination,
        uint index,
        PairSockets sockets
    )
    {
        var fold = new PortFold(isTcp: true, worst: 10);
        fold.Restart(Settings(reuse));
        fold.AddBlocked(Bitmap(First + 50, First + 51));
        fold.AddPair(Address(source), destination, index, sockets);
        return fold.ToEphemeralPorts(Settings(reuse), sawAll: true);
    }

    static EphemeralPortSettings Settings(TimeWaitReuse reuse) =>
        new(First, First + 99, new(), reuse, TimeSpan.FromSeconds(1), true);

    static byte[] Bitmap(params int[] ports)
    {
        var set = new PortSet();
        foreach (var port in ports)
            set.Add((ushort)port);
        var bitmap = new byte[8192];
        set.CopyTo(bitmap);
        return bitmap;
    }

    static SocketAddress Address(string text) =>
        IPAddress.Parse(text) is var address && address.GetAddressBytes() is { Length: 4 } bytes
            ? SocketAddress.FromIPv4(bytes)
            : SocketAddress.FromIPv6(address.GetAddressBytes());
}
