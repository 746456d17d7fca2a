using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

public class BoundInterfaceTests
{
    static readonly NetworkInterfaces Known = new([new(1, "lo", "", "", 0, 0, 0), new(7, "eth0", "", "", 0, 0, 0)]);

    [Theory]
    [InlineData("127.0.0.1:80", 0, "127.0.0.1:80")]
    [InlineData("127.0.0.1:80", 1, "127.0.0.1%lo:80")]
    [InlineData("127.0.0.1:80", 7, "127.0.0.1%eth0:80")]
    [InlineData("127.0.0.1:80", 8, "127.0.0.1%8:80")]
    [InlineData("[::1]:80", 1, "[::1]%lo:80")]
    public void Listeners_are_named_as_ss_names_them(string address, uint device, string name) =>
        Assert.Equal(name, Listener(Known, address, device));

    [Fact]
    public void Interfaces_that_could_not_be_read_are_named_by_their_index() =>
        Assert.Equal("127.0.0.1%1:80", Listener(new Missing(Absence.TimedOut, ""), "127.0.0.1:80", 1));

    [Fact]
    public void Sources_of_connections_are_named_alike()
    {
        var settings = new EphemeralPortSettings(
            40000,
            40099,
            new(),
            TimeWaitReuse.Never,
            TimeSpan.FromSeconds(1),
            true
        );
        var fold = Fold(
            settings,
            FakeKernel.Socket(TcpState.Established, "10.0.0.1:40000", "192.0.2.1:443", device: 7)
        );
        var sockets = TcpSockets.None with { Ports = fold.ToEphemeralPorts(settings, sawAll: true) };
        var snapshot = SnapshotOf(sockets, Known);

        var level = Levels("ephemeral_connect_ports", snapshot)[0];

        Assert.Equal(["tcp", "10.0.0.1%eth0", "192.0.2.1:443"], level.Labels);
        Assert.Equal(1, ((ConnectSubject)level.About).Ports.Own);
    }

    static string Listener(Reading<NetworkInterfaces> interfaces, string address, uint device)
    {
        var sockets = TcpSockets.None with
        {
            Listeners = Fold(null, FakeKernel.Socket(TcpState.Listen, address, device: device)).ToListeners(),
        };
        var level = Assert.Single(Levels("accept_queue_connections", SnapshotOf(sockets, interfaces)));
        Assert.Equal([level.Subject], level.Labels);
        return level.Subject;
    }

    static SocketFold Fold(EphemeralPortSettings? settings, byte[] message)
    {
        var fold = new SocketFold(isTcp: true, worst: 10);
        fold.Restart(settings);
        Assert.True(fold.TryAdd(message.AsSpan(16)));
        return fold;
    }

    static ImmutableArray<PoolLevel> Levels(string pool, Snapshot snapshot) =>
        PoolCatalogue.All.Single(candidate => candidate.Name == pool).Read(snapshot.Own).Value;

    static Snapshot SnapshotOf(TcpSockets sockets, Reading<NetworkInterfaces> interfaces)
    {
        ImmutableArray<Reader> readers =
        [
            new FunctionReader<TcpSockets>("tcp_sockets", "", _ => sockets),
            new FunctionReader<NetworkInterfaces>("network_interfaces", "", _ => interfaces),
        ];
        return readers.SnapshotHere(DateTimeOffset.UnixEpoch);
    }
}
