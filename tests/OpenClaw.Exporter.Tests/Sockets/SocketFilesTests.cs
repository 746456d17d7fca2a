using System.Collections.Immutable;
using CsCheck;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>Without inet_diag, sockets are read from /proc/net/tcp, tcp6, udp and udp6.</summary>
public sealed class SocketFilesTests : IDisposable
{
    const string Tcp = "thread-self/net/tcp";
    const string Tcp6 = "thread-self/net/tcp6";
    const string Udp = "thread-self/net/udp";
    const string Udp6 = "thread-self/net/udp6";

    /// <summary>The value of the column tr for TIME_WAIT and for the small sockets of FIN_WAIT2.</summary>
    const byte TimeWait = 3;

    /// <summary>Output of Linux 6.18 on x86-64.</summary>
    const string RecordedTcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
           0: 00000000:07E8 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 43 1 00000000c081d865 100 0 0 10 0                        
           1: 0100007F:9C40 0200A8C0:01BB 01 00000005:00000007 02:000A8C00 00000000  1000        0 26743 2 0000000000000000 20 4 29 10 -1                    
           2: 0100007F:87A3 0100007F:DA78 06 00000000:00000000 03:00001430 00000000     0        0 0 3 000000003147a1aa                                      

        """;

    /// <inheritdoc cref="RecordedTcp"/>
    const string RecordedTcp6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000001 00:00000000 00000000     0        0 9613 1 0000000000000000 100 0 0 10 0
           1: 0000000000000000FFFF00000100007F:9C41 0000000000000000FFFF00000200A8C0:01BB 01 00000000:00000000 00:00000000 00000000     0        0 9615 1 0000000000000000 20 4 0 10 -1
           2: B80D0120000000000000000001000000:9C42 B80D0120000000000000000002000000:01BB 08 00000000:00000000 00:00000000 00000000     0        0 9617 1 0000000000000000 20 4 0 10 -1

        """;

    static readonly Missing Unavailable = new(Absence.NotPresent, "netlink sock_diag: Protocol not supported");

    readonly FixtureProc _proc = new()
    {
        [Tcp] = SocketText.Header,
        [Tcp6] = SocketText.Header,
        [Udp] = SocketText.Header,
        [Udp6] = SocketText.Header,
    };

    public void Dispose() => _proc.Dispose();

    [Fact]
    public void Recorded_files_are_read_with_their_addresses_and_queues()
    {
        _proc[Tcp] = RecordedTcp;
        _proc[Tcp6] = RecordedTcp6;

        var sockets = Read<TcpSockets>().Value;

        Assert.Equal([2, 0, 0, 0, 0, 1, 0, 1, 0, 2, 0], sockets.States);
        Assert.Equal(
            [("0.0.0.0", 2024, 2u, null), ("::1", 8080, 1u, (uint?)null)],
            sockets.Listeners.Select(static queue =>
                ($"{queue.Address}", (int)queue.Port, queue.Waiting, queue.Backlog)
            )
        );
        Assert.Equal(
            [("127.0.0.1", "192.168.0.2:443", 2), ("2001:db8::1", "[2001:db8::2]:443", 1), (null, null, 0)],
            sockets.Ports.Value.Connect.Select(static use =>
                (use.Source?.ToString(), use.Destination?.ToString(), use.Used)
            )
        );
        Assert.Equal(12, sockets.QueuedBytes);
        Assert.Equal(1, sockets.EstablishedWithoutKeepalive);
        Assert.Equal([2024, 8080], sockets.Ports.Value.ListeningPorts);
    }

    [Fact]
    public void Every_state_is_counted()
    {
        Write(
            Tcp,
            States.SelectMany(static state =>
                Enumerable.Repeat(SocketText.Row(state, "10.0.0.1:80", "192.0.2.1:443"), (int)state)
            )
        );
        Write(Tcp6, [SocketText.Row(TcpState.Closing, "[2001:db8::1]:80", "[2001:db8::2]:443")]);

        var sockets = Read<TcpSockets>().Value;

        Assert.All(States, state => Assert.Equal((int)state + (state == TcpState.Closing ? 1 : 0), sockets[state]));
        Assert.Equal(0, sockets[TcpState.Close]);
    }

    [Fact]
    public void The_value_says_where_it_came_from_and_what_it_lacks()
    {
        Write(Tcp, [SocketText.Row(TcpState.Established, "10.0.0.1:40000", "192.0.2.1:443")]);

        var run = Run<TcpSockets>();

        Assert.Equal("/proc/net/tcp, tcp6", run.Source);
        Assert.Equal("inet_diag, TCPDIAG_GETSOCK; /proc/net/tcp, tcp6", run.Reader.Source);
        Assert.Equal(Absence.NotPresent, run.Failure!.Reason);
        Assert.StartsWith(
            $"{Unavailable.Detail}; read from /proc/net/tcp, tcp6 instead, without bound-only sockets",
            run.Failure.Detail,
            StringComparison.Ordinal
        );
        Assert.False(run.Reading.Value.Ports.Value.IsExact);
        Assert.False(run.Reading.Value.ShowsCgroups);
    }

    [Fact]
    public void A_dump_comes_before_the_files()
    {
        Write(Tcp, [SocketText.Row(TcpState.Established, "10.0.0.1:40000", "192.0.2.1:443")]);

        var run = Run<TcpSockets>(new FakeKernel(static (_, _) => [FakeKernel.Done()]));

        Assert.Equal("inet_diag, TCPDIAG_GETSOCK", run.Source);
        Assert.Null(run.Failure);
        Assert.Equal(0, run.Reading.Value[TcpState.Established]);
        Assert.True(run.Reading.Value.ShowsCgroups);
    }

    [Fact]
    public void A_dump_that_timed_out_is_not_replaced_by_the_files()
    {
        var run = Run<TcpSockets>(new FakeKernel(static (_, _) => []));

        Assert.Equal(Absence.TimedOut, run.Failure!.Reason);
        Assert.Equal(Absence.TimedOut, run.Reading.Missing?.Reason);
    }

    /// <summary>The age is the rest of a minute: here two seconds and half a second.</summary>
    [Fact]
    public void Ports_in_TIME_WAIT_can_be_reused_after_the_delay()
    {
        _proc["sys/net/ipv4/tcp_tw_reuse"] = "1\n";
        Write(
            Tcp,
            [
                SocketText.Row(TcpState.TimeWait, "10.0.0.1:40000", "192.0.2.1:443", TimeWait, 5800, inode: 0),
                SocketText.Row(TcpState.TimeWait, "10.0.0.1:40001", "192.0.2.1:443", TimeWait, 5950, inode: 0),
                SocketText.Row(TcpState.FinWait2, "10.0.0.1:40002", "192.0.2.1:443", TimeWait, 5800, inode: 0),
            ]
        );

        var sockets = Read<TcpSockets>().Value;

        var use = sockets.Ports.Value.Connect[0];
        Assert.Equal((2, 1), (use.Used, use.TimeWait));
        Assert.Equal(0, sockets.Orphans);
    }

    [Fact]
    public void A_port_with_a_connection_and_a_listener_of_the_other_family_counts_once()
    {
        Write(Tcp, [SocketText.Row(TcpState.Established, "10.0.0.1:40000", "192.0.2.1:443")]);
        Write(Tcp6, [SocketText.Row(TcpState.Listen, "[::]:40000")]);

        var sockets = Read<TcpSockets>().Value;

        Assert.Equal((1, 1), (sockets[TcpState.Established], sockets[TcpState.Listen]));
        Assert.Equal([1], sockets.Ports.Value.Connect.Select(static use => use.Used));
    }

    /// <summary>gVisor does not sort its rows, and shows sockets without a port.</summary>
    [Fact]
    public void Rows_in_any_order_are_counted()
    {
        Write(
            Tcp,
            [
                SocketText.Row(TcpState.Established, "10.0.0.1:40001", "192.0.2.1:443"),
                SocketText.Row(TcpState.Close, "0.0.0.0:0"),
                SocketText.Row(TcpState.Listen, "0.0.0.0:8080", received: 3),
            ]
        );

        var sockets = Read<TcpSockets>().Value;

        Assert.Equal((1, 1, 0), (sockets[TcpState.Established], sockets[TcpState.Listen], sockets[TcpState.Close]));
        Assert.Equal(3u, Assert.Single(sockets.Listeners).Waiting);
    }

    [Fact]
    public void UDP_sockets_are_counted_with_their_ports()
    {
        Write(
            Udp,
            [
                SocketText.Row(TcpState.Close, "0.0.0.0:40000"),
                SocketText.Row(TcpState.Established, "10.0.0.1:40001", "192.0.2.1:53"),
            ]
        );
        Write(Udp6, [SocketText.Row(TcpState.Close, "[2001:db8::1]:40002")]);

        var run = Run<UdpSockets>();

        Assert.Equal("/proc/net/udp, udp6", run.Source);
        Assert.Equal(3, run.Reading.Value.Count);
        Assert.Equal(
            [("0.0.0.0", 2), ("::", 3), ("10.0.0.1", 2), ("2001:db8::1", 1)],
            run.Reading.Value.Ports.Value.Bind.Select(static use => ($"{use.Address}", use.Used))
        );
    }

    /// <summary>The kernel's text of a row, and what may become of it.</summary>
    public static TheoryData<string, int> BrokenFiles
    {
        get
        {
            var good = SocketText.Row(TcpState.Established, "10.0.0.1:40000", "192.0.2.1:443").TrimEnd('\n');
            return new()
            {
                { "", 1 },
                { "# nothing here\n", 1 },
                { SocketText.Header + good[..60] + "\n", 2 },
                { SocketText.Header + good + "\n" + good[..30], 3 },
                { SocketText.Header + good + "\n\n" + good + "\n", 3 },
                { SocketText.Header + "\0\0\0\0\n", 2 },
                { SocketText.Header + good.Replace(" 01 ", " 0C ", StringComparison.Ordinal) + "\n", 2 },
                { SocketText.Header + good.Replace(" 01 ", " 00 ", StringComparison.Ordinal) + "\n", 2 },
                { SocketText.Header + good.Replace(" 01 ", " 101 ", StringComparison.Ordinal) + "\n", 2 },
                { SocketText.Header + good.Replace(" 01 ", " -1 ", StringComparison.Ordinal) + "\n", 2 },
                { SocketText.Header + good.Replace(":9C40 ", ":19C40 ", StringComparison.Ordinal) + "\n", 2 },
                { SocketText.Header + good.Replace(":9C40 ", " ", StringComparison.Ordinal) + "\n", 2 },
                { SocketText.Header + good.Replace(":9C40 ", "0:9C40 ", StringComparison.Ordinal) + "\n", 2 },
                { SocketText.Header + good.Replace(" 4711 ", " x ", StringComparison.Ordinal) + "\n", 2 },
                { SocketText.Header + new string('0', 100_000) + "\n", 2 },
            };
        }
    }

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void A_broken_file_is_no_count(string text, int line)
    {
        _proc[Tcp] = text;

        var missing = Read<TcpSockets>().Missing!;

        Assert.Equal(Absence.Malformed, missing.Reason);
        Assert.StartsWith(Unavailable.Detail, missing.Detail, StringComparison.Ordinal);
        Assert.Contains($"{_proc.Root}/{Tcp}: line {line}: expected ", missing.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Absence.NotPresent, Absence.Failed)]
    [InlineData(Absence.NotPermitted, Absence.NotPermitted)]
    public void Without_any_source_the_sockets_are_unknown(Absence dump, Absence expected)
    {
        _proc[Tcp] = null;

        var missing = Read<TcpSockets>(Unavailable with { Reason = dump }).Missing!;

        Assert.Equal(expected, missing.Reason);
        Assert.True(missing.IsUnseen);
        Assert.Contains(Unavailable.Detail, missing.Detail, StringComparison.Ordinal);
        Assert.Contains($"/{Tcp}: No such file", missing.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_without_IPv6_has_only_IPv4_sockets()
    {
        _proc[Tcp6] = null;
        _proc[Udp6] = null;
        Write(Tcp, [SocketText.Row(TcpState.Established, "10.0.0.1:40000", "192.0.2.1:443")]);

        Assert.Equal(1, Read<TcpSockets>().Value[TcpState.Established]);
        Assert.Equal(0, Read<UdpSockets>().Value.Count);
    }

    [Fact]
    public void A_process_of_another_namespace_shows_its_sockets()
    {
        _proc["77/net/tcp"] =
            SocketText.Header + SocketText.Row(TcpState.Established, "10.0.0.1:40000", "192.0.2.1:443");

        var other = Run<TcpSockets>(proc: new ProcMount(_proc.Root).AsSeenBy(77));

        Assert.Equal(1, other.Reading.Value[TcpState.Established]);
    }

    [Fact]
    public void After_the_deadline_no_file_is_read() =>
        Assert.Equal(Absence.TimedOut, Run<TcpSockets>(time: TimeSpan.Zero).Reading.Missing?.Reason);

    [Fact]
    public void Twenty_thousand_rows_take_no_memory()
    {
        const int Rows = 20_000;
        Write(
            Tcp,
            Enumerable
                .Range(0, Rows)
                .Select(static i =>
                    SocketText.Row(TcpState.Established, "10.0.0.1:443", $"192.0.2.1:{i % 60000}", inode: (uint)i)
                )
        );
        var reader = SocketReaders.Tcp(new ProcMount(_proc.Root), static _ => Unavailable, worst: 10);
        _ = reader.RunHere();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var run = (ReaderRun<TcpSockets>)reader.RunHere();

        Assert.Equal(Rows, run.Reading.Value[TcpState.Established]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    static readonly ImmutableArray<TcpState> States =
    [
        .. Enum.GetValues<TcpState>().Where(static state => state != TcpState.Close),
    ];

    static readonly ImmutableArray<string> Addresses =
    [
        "10.0.0.1",
        "127.0.0.1",
        "[::1]",
        "[2001:db8::1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:127.0.0.1]",
    ];

    static readonly Gen<Made> AnySocket = Gen.Select(
        Gen.Int[0, 9].Select(static i => States[i]),
        Gen.Int[0, 5].Select(static i => Addresses[i]),
        Gen.Int[39995, 40030],
        Gen.Int[1, 2],
        Gen.Select(Gen.Byte[0, 4], Gen.UInt[5800, 6000]),
        Gen.UInt[0, 3],
        Gen.UInt[0, 3],
        static (state, address, port, peer, timer, received, sent) =>
            new Made(state, address, port, peer, timer.Item1, timer.Item2, received, sent)
    );

    /// <summary>
    /// A kernel has each connection once, and shows listeners first. The dump has none of the attributes that files
    /// lack.
    /// </summary>
    [Fact]
    public void The_files_give_what_a_dump_without_attributes_gives() =>
        AnySocket
            .Array[0, 60]
            .Sample(
                made =>
                {
                    var sockets = made.OrderByDescending(static socket => socket.State == TcpState.Listen)
                        .DistinctBy(static socket =>
                            (socket.State == TcpState.Listen, socket.Plain, socket.Port, socket.Peer)
                        )
                        .ToList();
                    Write(Tcp, sockets.Where(static socket => !socket.IsIPv6).Select(static socket => socket.Row));
                    Write(Tcp6, sockets.Where(static socket => socket.IsIPv6).Select(static socket => socket.Row));

                    var files = Run<TcpSockets>().Reading.Value;
                    var dump = Run<TcpSockets>(
                        new FakeKernel(
                            (_, _) =>
                                [.. sockets.Select(static socket => (Reading<byte[]>)socket.Message), FakeKernel.Done()]
                        )
                    ).Reading.Value;

                    Assert.Equal(dump.States, files.States);
                    Assert.Equal(dump.EstablishedWithoutKeepalive, files.EstablishedWithoutKeepalive);
                    Assert.Equal(dump.Orphans, files.Orphans);
                    Assert.Equal(dump.QueuedBytes, files.QueuedBytes);
                    Assert.Equal(dump.Cgroups, files.Cgroups);
                    Assert.Equal(
                        dump.Listeners.Select(static queue => queue with { Backlog = null, FullOnes = 0 }),
                        files.Listeners
                    );
                    var (expected, found) = (dump.Ports.Value, files.Ports.Value);
                    Assert.Equal(expected.Connect.Select(static use => use with { IsExact = false }), found.Connect);
                    Assert.Equal(expected.Bind.Select(static use => use with { IsExact = false }), found.Bind);
                    Assert.Equal((expected.Limit, expected.Listening), (found.Limit, found.Listening));
                    Assert.Equal(expected.ListeningPorts, found.ListeningPorts);
                },
                iter: 300,
                threads: 1
            );

    void Write(string file, IEnumerable<string> rows) => _proc[file] = SocketText.Header + string.Concat(rows);

    Reading<T> Read<T>(Missing? unavailable = null) => Run<T>(unavailable ?? Unavailable).Reading;

    ReaderRun<T> Run<T>(FakeKernel kernel) => Run<T>((Reading<INetlinkTransport>)kernel);

    ReaderRun<T> Run<T>(Reading<INetlinkTransport>? kernel = null, ProcMount? proc = null, TimeSpan? time = null)
    {
        proc ??= new ProcMount(_proc.Root);
        Reading<INetlinkTransport> Open(TimeSpan left) => kernel ?? Unavailable;
        ImmutableArray<Reader> readers =
        [
            new FunctionReader<EphemeralPortSettings>("settings", "", _ =>
                EphemeralPortSettings.Read(new ProcMount(_proc.Root))
            ),
            SocketReaders.Tcp(proc, Open, worst: 10),
            SocketReaders.Udp(proc, Open, worst: 10),
        ];
        return SamplingPass
            .Run(readers, Deadline.After(time ?? TimeSpan.FromSeconds(30)), static reader =>
                reader.ValueType == typeof(T)
            )
            .Runs()
            .OfType<ReaderRun<T>>()
            .Single();
    }

    /// <summary>A socket, as a row and as a message.</summary>
    sealed record Made(
        TcpState State,
        string Address,
        int Port,
        int Peer,
        byte Timer,
        uint Ticks,
        uint Received,
        uint Sent
    )
    {
        public bool IsIPv6 => Address[0] == '[';

        /// <summary>The address; an IPv4 address and its mapped form are the same.</summary>
        public string Plain => Address.Replace("[::ffff:", "", StringComparison.Ordinal).TrimEnd(']');

        string Source => $"{Address}:{Port}";

        string Destination =>
            (State, IsIPv6, Address.Contains("ffff", StringComparison.Ordinal)) switch
            {
                (TcpState.Listen, true, _) => "[::]:0",
                (TcpState.Listen, _, _) => "0.0.0.0:0",
                (_, false, _) => $"192.0.2.1:{Peer}",
                (_, _, true) => $"[::ffff:192.0.2.1]:{Peer}",
                _ => $"[2001:db8::2]:{Peer}",
            };

        byte EffectiveTimer =>
            State switch
            {
                TcpState.TimeWait => TimeWait,
                TcpState.Listen => 0,
                _ => Timer,
            };

        /// <summary>A listener has no bytes to send, and the dump shows no backlog.</summary>
        uint EffectiveSent => State == TcpState.Listen ? 0 : Sent;

        public string Row =>
            SocketText.Row(State, Source, Destination, EffectiveTimer, Ticks, Received, EffectiveSent, inode: 0);

        public byte[] Message =>
            FakeKernel.Socket(
                State,
                Source,
                Destination,
                EffectiveTimer,
                10 * Ticks,
                received: Received,
                sent: EffectiveSent
            );
    }
}
