using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// Readings in other network namespaces. A tree of links to real processes replaces /proc, so that they come and go as
/// the test needs.
/// </summary>
public sealed class NamespaceSnapshotTests : IDisposable
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    readonly TemporaryFolder _folder = new();
    readonly List<PrivateNamespace> _namespaces = [];

    public NamespaceSnapshotTests()
    {
        foreach (var path in (string[])["self", "thread-self", "sys/net/ipv4"])
            Link(path, "/proc/" + path);
    }

    [Fact]
    public void Where_no_connections_are_tracked_an_idle_namespace_is_unused()
    {
        Process(1, Namespace());

        var seen = Read(Found());

        Assert.Empty(seen.Value.Used);
        Assert.Equal(1, seen.Value.Unused);
    }

    [Fact]
    public void Another_process_stands_in_for_one_that_ended_or_went_elsewhere()
    {
        var (one, other) = (Namespace(pairs: 3), Namespace(pairs: 5));
        Process(1, one);
        Process(2, one);
        var found = Found();

        // The process id now belongs to a process in another namespace.
        Process(1, other);
        Assert.Equal(6, Assert.Single(Read(found).Value.Used).Readings.Get<TcpSockets>().Value[TcpState.Established]);

        Directory.Delete(_folder.PathOf("proc/1"));
        Assert.Equal(6, Assert.Single(Read(found).Value.Used).Readings.Get<TcpSockets>().Value[TcpState.Established]);

        // No process is left in the namespace.
        Process(2, other);
        Assert.Empty(Read(found).Value.Used);
    }

    [Fact]
    public void A_failure_inside_a_namespace_is_reported()
    {
        Process(1, Namespace(pairs: 1));
        var found = Found();
        var name = found.All[1].Name;

        var own = FileIdentity.Read("/proc/thread-self/ns/net").Value;

        var snapshot = Snapshot(found, timeout =>
            FileIdentity.Read("/proc/thread-self/ns/net").Value != own
                ? new Missing(Absence.Failed, "netlink sock_diag: no buffer space")
                : NetlinkSocket.OpenSockDiag(timeout).Select<INetlinkTransport>(static socket => socket)
        );

        var failure = snapshot.FailureOf<NamespaceSnapshots>()!;
        Assert.Equal((Absence.Failed, $"{name}: netlink sock_diag: no buffer space"), (failure.Reason, failure.Detail));
    }

    /// <summary>Without UDP sockets every port is free, which is known without a look at each socket.</summary>
    [Fact]
    public void Without_UDP_sockets_every_UDP_port_is_free_for_sure()
    {
        var netns = Namespace(pairs: 1);
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40099");
        Process(1, netns);

        var snapshot = Assert.Single(Read(Found()).Value.Used).Readings.AsSnapshot();

        Assert.True(EphemeralPortPools.AreExact(snapshot.Own).Missing is null);
        Assert.Equal(
            [(0, 100), (0, 100)],
            EphemeralPortPools
                .Bind(snapshot.Own)
                .Value.Where(static level => level.About is BindSubject { Protocol: PortProtocol.Udp })
                .Select(static level => ((int)level.Used, (int)level.Limit!))
        );
    }

    /// <summary>
    /// Reads the machine itself. Sockets that are only bound are not searched for where all TCP sockets are connected
    /// or listen. A VXLAN has sockets of the kernel, which its counts do not show as such.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_port_that_is_only_bound_is_taken(bool isBesideVxlan)
    {
        var netns = Namespace(pairs: 1);
        if (isBesideVxlan)
            netns.AddVxlan();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40099");
        Process(1, netns);
        var readers = KernelReaders.All(new ProcMount(), new Regex("openclaw"), worst: 10, namespaces: new());
        var before = Taken();

        using var bound = netns.Run(static () => RawSocket.Open(SocketType.Stream, isIPv6: false));
        Assert.Equal(0, bound.Bind(IPAddress.Any, 40050));

        Assert.Equal(before + 1, Taken());

        int Taken() =>
            SamplingPass
                .Read<NamespaceSnapshots>(readers, Deadline.After(Timeout))
                .Value.Used.Single(seen =>
                    seen.Namespace.Inode
                    == netns.Run(static () => FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode)
                )
                .Readings.Get<TcpSockets>()
                .Value.Ports.Value.Bind[0]
                .Used;
    }

    [Fact]
    public void A_namespace_that_was_idle_is_seen_as_soon_as_it_is_used()
    {
        Link("sys/net/netfilter", "/proc/sys/net/netfilter");
        var netns = Namespace();
        Process(1, netns);
        var readers = Readers(Found(), OpenSockDiag);
        Assert.Equal((1, 0), Counts(readers));
        Assert.Equal((1, 0), Counts(readers));

        using var pairs = new ConnectionPairs(netns, 8000);
        Assert.Equal((0, 1), Counts(readers));
    }

    public void Dispose()
    {
        foreach (var netns in _namespaces)
            netns.Dispose();
        _folder.Dispose();
    }

    PrivateNamespace Namespace(int pairs = 0)
    {
        var netns = new PrivateNamespace();
        _namespaces.Add(netns);
        if (pairs > 0)
        {
            var held = new ConnectionPairs(netns, 8000);
            for (var i = 0; i < pairs; i++)
                held.Connect();
            netns.Attach(held);
        }

        // The kernel still counts the netlink socket of the command that set the namespace up.
        Assert.True(SpinWait.SpinUntil(() => netns.Run(Netlinks) == 0, Timeout));
        return netns;

        static long Netlinks() =>
            new ProcMount().Read(Sockstat.File, Sockstat.Parse).Value.Sockets - ProtocolSockets.Read(new()).Value.Total;
    }

    /// <summary>Starts a process in a namespace and shows it with a process id of the test's choice.</summary>
    void Process(int pid, PrivateNamespace netns) =>
        Link(pid.ToString(CultureInfo.InvariantCulture), $"/proc/{netns.Start(new("sleep", "60")).Id}");

    void Link(string path, string target)
    {
        var full = _folder.PathOf("proc/" + path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        if (new DirectoryInfo(full).LinkTarget is not null)
            Directory.Delete(full);
        Directory.CreateSymbolicLink(full, target);
    }

    NetworkNamespaces Found()
    {
        var proc = new ProcMount(_folder.PathOf("proc"));
        ImmutableArray<Reader> readers =
        [
            new ProcessTableReader(proc, new Regex("openclaw"), TimeProvider.System),
            new NetworkNamespacesReader(proc, _folder.PathOf(""), wholeHost: true, TimeProvider.System),
        ];
        return SamplingPass.Read<NetworkNamespaces>(readers, Deadline.After(Timeout)).Value;
    }

    Reading<NamespaceSnapshots> Read(NetworkNamespaces found) =>
        Snapshot(found, OpenSockDiag).Get<NamespaceSnapshots>();

    static (int Unused, int Used) Counts(ImmutableArray<Reader> readers)
    {
        var seen = SamplingPass.Read<NamespaceSnapshots>(readers, Deadline.After(Timeout)).Value;
        return (seen.Unused, seen.Used.Length);
    }

    Snapshot Snapshot(NetworkNamespaces found, Func<TimeSpan, Reading<INetlinkTransport>> openSockDiag)
    {
        var readers = Readers(found, openSockDiag);
        return readers.SnapshotHere(timeout: Timeout);
    }

    ImmutableArray<Reader> Readers(NetworkNamespaces found, Func<TimeSpan, Reading<INetlinkTransport>> openSockDiag) =>
        [
            new FunctionReader<NetworkNamespaces>("network_namespaces", "", _ => found),
            .. KernelReaders
                .All(
                    new ProcMount(_folder.PathOf("proc")),
                    new Regex("openclaw"),
                    worst: 10,
                    _folder.PathOf(""),
                    openSockDiag,
                    new()
                )
                .Where(static reader => reader.Name == "namespace_snapshots"),
        ];

    static Reading<INetlinkTransport> OpenSockDiag(TimeSpan timeout) =>
        NetlinkSocket.OpenSockDiag(timeout).Select<INetlinkTransport>(static socket => socket);
}
