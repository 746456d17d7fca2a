using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
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
public sealed class TcpWalkTests(ITestOutputHelper output)
{
    const int Port = 8080;

    /// <summary>A range of few ports: a single port in doubt calls for the walk.</summary>
    const string Few = "40000 40039";
    const int Mixes = 60;

    static readonly string Types = Path.Combine("/sys", Btf.File);

    static readonly Lazy<Reading<TcpWalkProgram>> Loaded = new(() => TcpWalkProgram.Attach(Types));

    /// <summary>The program for kernels before Linux 6.4, which have no loops of numbers.</summary>
    static readonly Lazy<Reading<TcpWalkProgram>> Iterator = new(() =>
        TcpWalkProgram.Attach(Types, TcpWalkMaps.Create(), "bpf_iter_num_new")
    );

    /// <summary>The ports have random sockets; the first of the range is a service's, too.</summary>
    [Theory]
    [InlineData("bpf tcp_hashinfo")]
    [InlineData("bpf iter/tcp")]
    public void Sockets_are_those_of_the_dump(string name)
    {
        var program = name == "bpf iter/tcp" ? Iterator : Loaded;
        Assert.Equal(name, program.Value.Value.Name);
        PortMix.Any.Sample(
            mix =>
            {
                using var netns = new PrivateNamespace();
                netns.Run(() =>
                {
                    using var trial = new PortTrial(mix, KernelSampling.WithoutPrograms(), knowsBinds: false);
                    var (walked, dumped) = (Read(program), Read(null));

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
    }

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

        // Without a process in FIN_WAIT1, and with bytes that wait at the client.
        ConnectionPairs.Orphan(pairs.Clients[8]);
        pairs.Servers[9].Send([1, 2, 3]);

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

        // With bytes that were not acknowledged: the kernel sends them again.
        netns.Command("nft", "add table ip t; add chain ip t c { type filter hook input priority 0; }");
        netns.Command("nft", $"add rule ip t c tcp dport {Port} drop");
        pairs.Clients[7].Send([1]);
        var (walked, dumped) = netns.Run(static () => (Read(Loaded), Read(null)));

        Equal(dumped, walked);
        Assert.Equal(1, walked.Orphans);
        Assert.InRange(walked.QueuedBytes, (3 * 23) + 4, int.MaxValue);
        Assert.InRange(walked.EstablishedWithoutKeepalive, 1, walked[TcpState.Established] - 6);
        Assert.Equal(7, walked[TcpState.FinWait2]);
        var (use, other) = (walked.Ports.Value.Connect[0], dumped.Ports.Value.Connect[0]);
        Assert.Equal((other.Own, other.TimeWait), (use.Own, use.TimeWait));
        Assert.Equal(other.IdleWithoutKeepalive, use.IdleWithoutKeepalive);
    }

    /// <summary>
    /// Each part of an IPv6 address counts. A port that connect() may not share is one also where its socket may share
    /// it by SO_REUSEADDR and SO_REUSEPORT. A reserved port is not counted, though its neighbours are.
    /// </summary>
    [Fact]
    public void Addresses_are_whole_and_bound_ports_are_told_from_others()
    {
        const string address = "fd00:1:2:3:4:5:6:7";
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40039");
        netns.Sysctl("net.ipv4.ip_local_reserved_ports", "40020");
        netns.Command("ip", "-6", "address", "add", address + "/128", "dev", "lo", "nodad");

        // The kernel adds its route a moment later, in a worker thread.
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                    netns
                        .Command("ip", "-6", "route", "show", "table", "local")
                        .Contains(address, StringComparison.Ordinal),
                TimeSpan.FromSeconds(10)
            )
        );
        using var listener = netns.Run(static () => RawSocket.Open(SocketType.Stream, isIPv6: true));
        Assert.Equal(0, listener.Bind(IPAddress.Parse(address), Port));
        listener.Listen();
        var clients = new List<Socket>();
        foreach (var port in (int[])[40010, 40020, 0, 0])
        {
            var client = netns.Run(static () => new Socket(SocketType.Stream, ProtocolType.Tcp));
            clients.Add(client);
            if (port > 0)
            {
                // SO_REUSEADDR, SO_REUSEPORT
                client.SetRawSocketOption(1, 2, BitConverter.GetBytes(1));
                client.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));
                client.Bind(new IPEndPoint(IPAddress.Parse(address), port));
            }

            client.Connect(IPAddress.Parse(address), Port);
        }

        var (walked, dumped) = netns.Run(static () => (Read(Loaded), Read(null)));

        Equal(dumped, walked);
        var ports = walked.Ports.Value;
        Assert.Equal($"[{address}]:{Port}", $"{ports.Connect[0].Destination}");
        Assert.Equal(address, $"{ports.Connect[0].Source}");
        Assert.Equal((2, 3), (ports.Connect[0].Own, ports.Connect[0].Used));
        Assert.Equal(1, ports.Connect[^1].Used);
        Assert.Contains(ports.Bind, static use => $"{use.Address}" == address && use.Used == 3);
        clients.ForEach(static client => client.Dispose());
    }

    /// <summary>
    /// The program collects 32 sockets before it counts them, and ends several times before it has passed all.
    /// </summary>
    [Theory]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(1300)]
    public void Sockets_of_a_service_are_counted_once(int many)
    {
        using var netns = new PrivateNamespace();
        using var pairs = new ConnectionPairs(netns, PortMix.FirstPort);
        for (var i = 0; i < many; i++)
            pairs.Connect();

        var (walked, dumped) = netns.Run(static () => (Read(Loaded), Read(null)));

        Assert.Equal(2 * many, walked[TcpState.Established]);
        Assert.Equal(dumped.States, walked.States);
        Assert.Equal(dumped.AtServicePorts.Length, walked.AtServicePorts.Length);
    }

    /// <summary>The program takes no lock, and sockets that stay are counted once all the same.</summary>
    [Fact]
    public async Task Among_sockets_that_come_and_go_those_that_stay_are_counted_once()
    {
        const int stay = 500;
        const int walks = 400;
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.tcp_tw_reuse", "1");
        using var pairs = new ConnectionPairs(netns, Port);
        for (var i = 0; i < stay; i++)
            pairs.Connect();
        using var end = new CancellationTokenSource();
        var churns = Enumerable
            .Range(1, 3)
            .Select(at => Task.Run(() => Churn(netns, Port + at, end.Token), end.Token))
            .ToList();
        while (netns.Run(static () => Read(Loaded))[TcpState.TimeWait] < 1000)
            Assert.DoesNotContain(churns, static churn => churn.IsFaulted);

        for (var i = 0; i < walks; i++)
        {
            var ports = netns.Run(static () => Read(Loaded)).Ports.Value;
            Assert.Equal(stay, ports.Connect.Single(static use => use.Destination is { Port: Port }).Own);
        }

        await end.CancelAsync();
        output.WriteLine($"{(await Task.WhenAll(churns)).Sum()} connections during {walks} walks");
    }

    static int Churn(PrivateNamespace netns, int port, CancellationToken end)
    {
        using var pairs = new ConnectionPairs(netns, port);
        var count = 0;
        for (; !end.IsCancellationRequested; count++)
            pairs.ConnectAndClose();
        return count;
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

    /// <summary>
    /// The first walk of a snapshot notes the places of the others' sockets. The next snapshot does not know them: each
    /// has one more socket by then.
    /// </summary>
    [Theory]
    [InlineData(256)]
    [InlineData(2)]
    public void The_walks_of_a_snapshot_pass_the_places_that_the_first_one_noted(int namespaces)
    {
        using var program = TcpWalkProgram.Attach(Types, TcpWalkMaps.Create(namespaces: namespaces)).Value;
        var reader = Reader(new(() => program), few: 0);
        var spaces = Enumerable.Range(0, 5).Select(static _ => new PrivateNamespace()).ToList();
        var pairs = spaces.Skip(1).Select(static netns => new ConnectionPairs(netns, Port)).ToList();
        try
        {
            for (var round = 1; round <= 4; round++)
            {
                foreach (var (index, connections) in pairs.Index())
                {
                    for (var i = 0; i <= 10 * index; i++)
                        connections.Connect();
                }

                // The namespace without sockets is read last, and the exporter's own one first.
                var start = new SnapshotStart(Stopwatch.GetTimestamp());
                Assert.Equal(2 * round, Established(spaces[1], reader));
                for (var i = 1; i < pairs.Count; i++)
                    Assert.Equal(2 * round * (1 + (10 * i)), Established(spaces[1 + i], reader, start));
                Assert.Equal(0, Established(spaces[0], reader, start));
                Assert.Equal(2 * round, Established(spaces[1], reader));
            }
        }
        finally
        {
            pairs.ForEach(static pair => pair.Dispose());
            spaces.ForEach(static netns => netns.Dispose());
        }
    }

    /// <summary>Most of the new ones are at places that were not noted. The kernel's own count shows that.</summary>
    [Fact]
    public void Sockets_that_come_after_the_notes_are_counted()
    {
        using var program = TcpWalkProgram.Attach(Types).Value;
        var reader = Reader(new(() => program), few: 0);
        using var first = new PrivateNamespace();
        using var second = new PrivateNamespace();
        using var some = new ConnectionPairs(first, Port);
        using var more = new ConnectionPairs(second, Port);
        some.Connect();
        more.Connect();

        var start = new SnapshotStart(Stopwatch.GetTimestamp());
        Assert.Equal(2, Established(first, reader, start));
        for (var i = 0; i < 200; i++)
            more.Connect();

        Assert.Equal(402, Established(second, reader, start));
    }

    /// <summary>Its sockets are at the same places of another hash, so that noted places say nothing.</summary>
    [Fact]
    public void A_namespace_with_a_hash_of_its_own_is_walked_whole()
    {
        using var program = TcpWalkProgram.Attach(Types).Value;
        var reader = Reader(new(() => program), few: 0);
        using var parent = new PrivateNamespace();
        parent.Sysctl("net.ipv4.tcp_child_ehash_entries", "1024");
        using var child = parent.Run(static () => new PrivateNamespace());
        using var some = new ConnectionPairs(parent, Port);
        using var more = new ConnectionPairs(child, Port);
        some.Connect();
        for (var i = 0; i < 50; i++)
            more.Connect();

        for (var round = 0; round < 2; round++)
        {
            var start = new SnapshotStart(Stopwatch.GetTimestamp());
            Assert.Equal(2, Established(parent, reader));
            Assert.Equal(100, Established(child, reader, start));
        }
    }

    static long Established(PrivateNamespace netns, Reader<TcpSockets> reader, SnapshotStart? start = null)
    {
        var run = netns.Run(() => Run(reader, start));
        Assert.Null(run.Fallback);
        return run.Reading.Value[TcpState.Established];
    }

    /// <summary>Before Linux 6.14 and since Linux 6.19, the kernel's structures differ.</summary>
    [Theory]
    [InlineData("inet_timewait_sock.tw_entry_stamp")]
    [InlineData("inet_timewait_sock.tw_entry_stamp", "bpf_rdonly_cast")]
    public void The_program_for_older_kernels_loads_and_counts(params string[] without)
    {
        using var program = TcpWalkProgram.Attach(Types, TcpWalkMaps.Create(), without).Value;
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.tcp_tw_reuse", "1");
        using var pairs = new ConnectionPairs(netns, Port);
        int TimeWait() => netns.Run(() => Read(new(() => program)).Ports.Value.Connect[0].TimeWait);

        // These kernels count whole seconds, so the port is free as soon as the next one begins.
        for (var attempt = 0; attempt == 0 || TimeWait() == 0; attempt++)
        {
            Assert.InRange(attempt, 0, 5);
            pairs.ConnectAndClose();
        }

        Assert.True(SpinWait.SpinUntil(() => TimeWait() == 0, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void A_machine_without_outgoing_connections_loads_no_program()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", Few);
        var program = new Lazy<Reading<TcpWalkProgram>>(() => TcpWalkProgram.Attach(Types));
        var reader = Reader(program, TcpSources.FewSockets);
        using var listener = netns.Run(static () => RawSocket.Open(SocketType.Stream, isIPv6: false));
        Assert.Equal(0, listener.Bind(IPAddress.Loopback, Port));
        listener.Listen();

        Assert.True(netns.Run(() => Run(reader)).Reading.Value.Ports.Value.IsExact);
        Assert.False(program.IsValueCreated);

        using var pairs = new ConnectionPairs(netns, Port + 1);
        pairs.Connect();
        Assert.True(netns.Run(() => Run(reader)).Reading.Value.Ports.Value.IsExact);
        Assert.True(program.IsValueCreated);
        program.Value.Value.Dispose();
    }

    /// <summary>The kernel's own sockets are in the counts of protocols alone, so they could hide it.</summary>
    [Fact]
    public void A_socket_that_is_only_bound_is_found_beside_those_of_a_VXLAN()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", Few);
        netns.AddVxlan();
        Assert.Equal(0, Used());

        using var bound = netns.Run(static () => RawSocket.Open(SocketType.Stream, isIPv6: false));
        Assert.Equal(0, bound.Bind(IPAddress.Any, 40020));

        Assert.Equal(1, Used());

        int Used() => netns.Run(static () => Read(Loaded)).Ports.Value.Bind.Max(static row => row.Used);
    }

    /// <summary>
    /// Each search passes the bound ports of all namespaces. So another namespace has one only where a socket of the
    /// kernel could hide what its counts would show.
    /// </summary>
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public void Another_namespace_is_searched_where_the_kernel_has_sockets(bool isBesideVxlan, int searches)
    {
        using var netns = new PrivateNamespace();
        using var pairs = new ConnectionPairs(netns, Port);
        pairs.Connect();
        if (isBesideVxlan)
            netns.AddVxlan();
        var searched = 0;
        var reader = Reader(Loaded, few: 0, request => searched += StatesOf(request) == SocketDiag.BoundOnly ? 1 : 0);
        Assert.True(
            SpinWait.SpinUntil(
                () => netns.Run(static () => SocketsInUse.Read(new()).CountUncounted(new())) == 0,
                TimeSpan.FromSeconds(10)
            ),
            "a closed netlink socket is still counted"
        );

        var run = netns.Run(() => Run(reader, new(Stopwatch.GetTimestamp())));

        Assert.Equal((2, searches), ((int)run.Reading.Value[TcpState.Established], searched));
    }

    /// <summary>The dump left the ports in doubt before. It would be read for nothing again.</summary>
    [Fact]
    public void The_next_readings_walk_without_a_dump()
    {
        using var program = TcpWalkProgram.Attach(Types).Value;
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", Few);
        using var pairs = new ConnectionPairs(netns, Port);

        // Half of the machine's sockets gone calls for a dump again. These are most of them.
        for (var i = 0; i < 30; i++)
            pairs.Connect();
        var dumps = 0;
        var reader = Reader(new(() => program), int.MaxValue, request => dumps += IsOfConnections(request) ? 1 : 0);
        var counts = new List<int>();

        for (var i = 0; i < 3; i++)
        {
            Assert.True(netns.Run(() => Run(reader)).Reading.Value.Ports.Value.IsExact);
            counts.Add(dumps);
        }

        Assert.Equal([1, 1, 1], counts);
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
            Assert.StartsWith("bpf tcp_hashinfo: more than", run.Fallback!.Why.Detail, StringComparison.Ordinal);
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

    /// <summary>The pieces that the program needs.</summary>
    public static TheoryData<string, Absence, string> Pieces =>
        new()
        {
            { "CAP_BPF and CAP_PERFMON", Absence.NotPermitted, "bpf(BPF_MAP_CREATE): needs CAP_BPF and CAP_PERFMON" },
            { "CAP_BPF", Absence.NotPermitted, "bpf(BPF_MAP_CREATE): needs CAP_BPF too" },
            { "CAP_PERFMON", Absence.NotPermitted, "bpf(BPF_PROG_LOAD): needs CAP_PERFMON too" },
            { "BTF", Absence.NotPresent, "/nowhere: the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)" },
            { "verifier", Absence.Failed, "bpf(BPF_PROG_LOAD): the verifier refuses the program: .*value_size=8 .*" },
        };

    [Theory]
    [MemberData(nameof(Pieces))]
    public void Without_a_piece_the_dump_is_read_and_the_reason_is_kept(string piece, Absence reason, string detail)
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", Few);
        using var pairs = new ConnectionPairs(netns, Port);
        pairs.Connect();
        var refused = Without(piece);
        var reader = Reader(new(() => refused), TcpSources.FewSockets);

        for (var i = 0; i < 2; i++)
        {
            var run = netns.Run(() => Run(reader));
            Assert.Null(run.Failure);
            Assert.Equal("inet_diag, TCPDIAG_GETSOCK", run.Source);
            Assert.Equal(reason, run.Fallback!.Why.Reason);
            Assert.Matches(
                $"^{detail.Replace("(", "\\(", StringComparison.Ordinal)
                .Replace(")", "\\)", StringComparison.Ordinal)}$",
                run.Fallback.Why.Detail
            );
            Equal(netns.Run(static () => Read(null)), run.Reading.Value);
            Assert.False(run.Reading.Value.Ports.Value.IsExact);
        }
    }

    static Reading<TcpWalkProgram> Without(string piece) =>
        piece switch
        {
            "CAP_BPF and CAP_PERFMON" => Capabilities.Only([], static () => TcpWalkProgram.Attach(Types)),
            "CAP_BPF" => Capabilities.Only([Capabilities.CAP_PERFMON], static () => TcpWalkProgram.Attach(Types)),
            "CAP_PERFMON" => Capabilities.Only([Capabilities.CAP_BPF], static () => TcpWalkProgram.Attach(Types)),
            "BTF" => TcpWalkProgram.Attach("/nowhere"),

            // The program reaches behind the value, which is too short.
            _ => TcpWalkProgram.Attach(
                Types,
                TcpWalkMaps.Create().Select(static maps => maps with { Walk = BpfMap.OneValue(sizeof(ulong)).Value })
            ),
        };

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

    static TcpSockets Read(Lazy<Reading<TcpWalkProgram>>? program)
    {
        var run = Run(Reader(program, few: 0));
        Assert.Null(run.Fallback);
        return run.Reading.Value;
    }

    /// <summary>The port of a service with few sockets, so that all of them are kept.</summary>
    static Reader<TcpSockets> Reader(Lazy<Reading<TcpWalkProgram>>? program, int few, Action<byte[]>? onSend = null) =>
        SocketReaders.Tcp(
            new ProcMount(),
            timeout =>
                NetlinkSocket
                    .OpenSockDiag(timeout)
                    .Select<INetlinkTransport>(socket => new ObservedTransport(socket, onSend)),
            worst: 1000,
            new ServicePortList(PortMix.FirstPort),
            program,
            few
        );

    static ReaderRun<TcpSockets> Run(Reader<TcpSockets> reader, SnapshotStart? start = null)
    {
        ImmutableArray<Reader> readers =
        [
            .. KernelSampling.Readers().Where(static one => one.Name == "ephemeral_port_settings"),
            reader,
        ];
        return (ReaderRun<TcpSockets>)
            SamplingPass
                .Run(
                    readers,
                    Deadline.After(TimeSpan.FromSeconds(20)),
                    null,
                    start is null ? [] : [start, SocketsInUse.Read(new()).FindBoundOnly(new())]
                )
                .Runs()
                .Single(run => run.Reader == reader);
    }

    /// <summary>Tells a dump of all sockets from one of listeners or of sockets that are only bound.</summary>
    static bool IsOfConnections(byte[] request) => (StatesOf(request) & (1 << (int)TcpState.Established)) != 0;

    static uint StatesOf(byte[] request)
    {
        // struct nlmsghdr, then the states in struct inet_diag_req
        const int statesAt = 16 + 52;
        return BitConverter.ToUInt32(request, statesAt);
    }

    /// <summary>Tells of each request.</summary>
    sealed class ObservedTransport(INetlinkTransport socket, Action<byte[]>? onSend) : INetlinkTransport
    {
        public Missing? Send(ReadOnlySpan<byte> request)
        {
            onSend?.Invoke(request.ToArray());
            return socket.Send(request);
        }

        public Reading<int> Receive(Span<byte> buffer) => socket.Receive(buffer);
    }
}
