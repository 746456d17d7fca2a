using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>The program in the kernel and the dump of inet_diag show the same sockets.</summary>
public sealed class TcpWalkTests
{
    const int Port = 8080;

    /// <summary>A range of few ports: a single port in doubt calls for the walk.</summary>
    const string Few = "40000 40039";
    const int Mixes = 60;

    static readonly string Types = Path.Combine("/sys", Btf.File);

    static readonly Lazy<Reading<TcpWalkProgram>> Loaded = new(() => TcpWalkProgram.Attach(Types));

    /// <summary>The ports have random sockets; the first of the range is a service's, too.</summary>
    [Fact]
    public void Sockets_are_those_of_the_dump() =>
        PortMix.Any.Sample(
            static mix =>
            {
                using var netns = new PrivateNamespace();
                netns.Run(() =>
                {
                    using var trial = new PortTrial(mix, KernelSampling.WithoutPrograms(), knowsBinds: false);
                    var (walked, dumped) = (Read(Loaded), Read(null));

                    Equal(dumped, walked);
                    Assert.True(walked.Ports.Value.IsExact || mix.RangeSize % 2 == 1);
                    var (exact, bound) = (walked.Ports.Value.Connect, dumped.Ports.Value.Connect);
                    Assert.Equal(dumped.Ports.Value.ListeningPorts, walked.Ports.Value.ListeningPorts);
                    Assert.Equal(dumped.Ports.Value.Limit, walked.Ports.Value.Limit);
                    foreach (var use in exact)
                    {
                        var other = bound.FirstOrDefault(one =>
                            (one.Source, one.Destination, one.Interface) == (use.Source, use.Destination, use.Interface)
                        );
                        Assert.InRange(use.Own, 0, Assert.IsType<ConnectPorts>(other).Own);
                        Assert.InRange(use.Used, other.Used, int.MaxValue);
                        Assert.InRange(use.TimeWait, 0, other.TimeWait);
                        if (other.IsExact)
                            Assert.Equal(other.Used, use.Used);
                    }
                });
            },
            iter: Mixes,
            threads: 1
        );

    /// <summary>Idle, with keepalive, with bytes that wait, half closed, and without a process.</summary>
    [Fact]
    public void Conditions_of_connections_are_those_of_the_dump()
    {
        using var netns = new PrivateNamespace();
        using var pairs = new ConnectionPairs(netns, Port);
        for (var i = 0; i < 20; i++)
            pairs.Connect();
        foreach (var client in pairs.Clients.Take(5))
            client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        foreach (var client in pairs.Clients.Skip(10).Take(3))
            client.Send(Encoding.ASCII.GetBytes("bytes that nobody reads"));
        foreach (var client in pairs.Clients.Skip(13).Take(2))
            client.Shutdown(SocketShutdown.Send);
        foreach (var client in pairs.Clients.Skip(15))
            client.Close();
        for (var i = 0; i < 3; i++)
            pairs.ConnectAndClose();

        // Packets may be late on a busy machine.
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                    netns.Run(static () => Read(null)) is var now
                    && now[TcpState.FinWait2] == 7
                    && now[TcpState.TimeWait] == 3,
                TimeSpan.FromSeconds(10)
            )
        );
        var (walked, dumped) = netns.Run(static () => (Read(Loaded), Read(null)));

        Equal(dumped, walked);
        Assert.InRange(walked.QueuedBytes, 3 * 23, (3 * 23) + 7);
        Assert.InRange(walked.EstablishedWithoutKeepalive, 1, walked[TcpState.Established] - 5);
        Assert.Equal(7, walked[TcpState.FinWait2]);
    }

    /// <summary>Two namespaces at once share one program and its maps.</summary>
    [Fact]
    public void Namespaces_that_are_read_at_once_do_not_mix()
    {
        using var first = new PrivateNamespace();
        using var second = new PrivateNamespace();
        using var some = new ConnectionPairs(first, Port);
        using var more = new ConnectionPairs(second, Port);
        for (var i = 0; i < 30; i++)
        {
            if (i < 10)
                some.Connect();
            more.Connect();
        }

        Parallel.ForEach(Enumerable.Range(0, 400), i =>
            Assert.Equal(
                i % 2 == 0 ? 20 : 60,
                (i % 2 == 0 ? first : second).Run(static () => Read(Loaded))[TcpState.Established]
            )
        );
    }

    /// <summary>Before Linux 6.14 and since Linux 6.19, the kernel's structures differ.</summary>
    [Fact]
    public void The_program_for_older_kernels_loads_and_counts()
    {
        using var program = TcpWalkProgram
            .Attach(Types, TcpWalkMaps.Create(), "inet_timewait_sock.tw_entry_stamp")
            .Value;
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.tcp_tw_reuse", "1");
        using var pairs = new ConnectionPairs(netns, Port);
        pairs.ConnectAndClose();

        Assert.Equal(1, netns.Run(() => Read(new(() => program)).Ports.Value.Connect[0].TimeWait));
        Thread.Sleep(TimeSpan.FromSeconds(2.5));
        Assert.Equal(0, netns.Run(() => Read(new(() => program)).Ports.Value.Connect[0].TimeWait));
    }

    [Fact]
    public void A_machine_without_outgoing_connections_loads_no_program()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", Few);
        var program = new Lazy<Reading<TcpWalkProgram>>(() => TcpWalkProgram.Attach(Types));
        var reader = Reader(program, TcpSources.FewSockets);
        using var listener = netns.Run(static () => RawSocket.Open(SocketType.Stream, isIPv6: false));
        Assert.Equal(0, listener.Bind(System.Net.IPAddress.Loopback, Port));
        listener.Listen();

        Assert.True(netns.Run(() => Run(reader)).Reading.Value.Ports.Value.IsExact);
        Assert.False(program.IsValueCreated);

        using var pairs = new ConnectionPairs(netns, Port + 1);
        pairs.Connect();
        Assert.True(netns.Run(() => Run(reader)).Reading.Value.Ports.Value.IsExact);
        Assert.True(program.IsValueCreated);
        program.Value.Value.Dispose();
    }

    /// <summary>The dump has the value, and the run the reason.</summary>
    [Theory]
    [InlineData(TcpSources.FewSockets)]
    [InlineData(0)]
    public void Where_the_maps_are_full_the_dump_is_read(int few)
    {
        using var program = TcpWalkProgram.Attach(Types, TcpWalkMaps.Create(pairs: 1)).Value;
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", Few);
        using var one = new ConnectionPairs(netns, Port);
        using var two = new ConnectionPairs(netns, Port + 1);
        var reader = Reader(new(() => program), few);
        one.Connect();
        Assert.True(netns.Run(() => Run(reader)).Reading.Value.Ports.Value.IsExact);
        two.Connect();

        for (var i = 0; i < 2; i++)
        {
            var run = netns.Run(() => Run(reader));
            Assert.Null(run.Failure);
            Assert.Contains("without bpf iter/tcp: more than", run.Source, StringComparison.Ordinal);
            Assert.False(run.Reading.Value.Ports.Value.IsExact);
            Equal(netns.Run(static () => Read(null)), run.Reading.Value);
        }

        // Nothing of the walk that failed is left in the maps for another namespace.
        using var other = new PrivateNamespace();
        other.Sysctl("net.ipv4.ip_local_port_range", Few);
        using var again = new ConnectionPairs(other, Port);
        again.Connect();
        Assert.Equal(2, other.Run(() => Run(reader)).Reading.Value[TcpState.Established]);
        Assert.True(other.Run(() => Run(reader)).Reading.Value.Ports.Value.IsExact);
    }

    [Theory]
    [InlineData(Absence.NotPermitted, "bpf(BPF_MAP_CREATE): needs CAP_BPF and CAP_PERFMON")]
    [InlineData(Absence.NotPresent, "/sys/kernel/btf/vmlinux: the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)")]
    [InlineData(Absence.Failed, "bpf(BPF_PROG_LOAD): the verifier refuses the program")]
    public void Without_the_program_the_dump_is_read(Absence reason, string detail)
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", Few);
        using var pairs = new ConnectionPairs(netns, Port);
        pairs.Connect();
        var reader = Reader(new(() => new Missing(reason, detail)), TcpSources.FewSockets);

        for (var i = 0; i < 2; i++)
        {
            var run = netns.Run(() => Run(reader));
            Assert.Null(run.Failure);
            Assert.Equal($"inet_diag, TCPDIAG_GETSOCK (without {detail})", run.Source);
            Equal(netns.Run(static () => Read(null)), run.Reading.Value);
            Assert.False(run.Reading.Value.Ports.Value.IsExact);
        }
    }

    static void Equal(TcpSockets expected, TcpSockets actual)
    {
        Assert.Equal(expected.States, actual.States);
        Assert.Equal(expected.EstablishedWithoutKeepalive, actual.EstablishedWithoutKeepalive);
        Assert.Equal(expected.Orphans, actual.Orphans);
        Assert.Equal(expected.QueuedBytes, actual.QueuedBytes);
        Assert.Equal(expected.Listeners, actual.Listeners);
        Assert.Equal(expected.Cgroups, actual.Cgroups);
        Assert.Equal(expected.OtherCgroups, actual.OtherCgroups);
        Assert.Equal(
            expected.AtServicePorts.OrderBy(static socket => socket.ToString(), StringComparer.Ordinal),
            actual.AtServicePorts.OrderBy(static socket => socket.ToString(), StringComparer.Ordinal)
        );
    }

    static TcpSockets Read(Lazy<Reading<TcpWalkProgram>>? program) => Run(Reader(program, few: 0)).Reading.Value;

    /// <summary>The port of a service with few sockets, so that all of them are kept.</summary>
    static Reader<TcpSockets> Reader(Lazy<Reading<TcpWalkProgram>>? program, int few) =>
        SocketReaders.Tcp(
            new ProcMount(),
            static timeout => NetlinkSocket.OpenSockDiag(timeout).Select<INetlinkTransport>(static socket => socket),
            worst: 1000,
            new ServicePortList(PortMix.FirstPort),
            program,
            few
        );

    static ReaderRun<TcpSockets> Run(Reader<TcpSockets> reader)
    {
        ImmutableArray<Reader> readers =
        [
            .. KernelSampling.Readers().Where(static one => one.Name == "ephemeral_port_settings"),
            reader,
        ];
        return (ReaderRun<TcpSockets>)
            SamplingPass
                .Run(readers, Deadline.After(TimeSpan.FromSeconds(20)))
                .Runs()
                .Single(run => run.Reader == reader);
    }
}
