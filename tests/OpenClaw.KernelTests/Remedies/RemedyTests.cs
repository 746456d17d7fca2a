using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using static OpenClaw.KernelTests.PublishedDiagnosis;

namespace OpenClaw.KernelTests;

/// <summary>
/// Tests a remedy end to end. A pool is filled, and the published binary names it and its owner. Then the binary's
/// command runs unchanged, and the call that failed succeeds.
/// </summary>
public class RemedyTests
{
    const string EADDRNOTAVAIL = "99";

    /// <summary>A service's port above the narrow range, the Gateway's default port, and another destination.</summary>
    const ushort Service = 50000,
        Gateway = 18789,
        Destination = 8081;

    /// <summary>
    /// Connects to itself until that fails, prints the error, and tries once more for each line of input.
    /// </summary>
    const string Connections = """
        use Socket; my $to = sockaddr_in(8080, INADDR_LOOPBACK); my @held;
        sub made { socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!; return $s }
        my $listener = made(); bind($listener, $to) or die $!; listen($listener, 8) or die $!;
        sub error { my $s = made(); connect($s, $to) or return $! + 0; accept(my $peer, $listener) or die $!; push @held, $s, $peer; return 0 }
        my $error; do { $error = error() } until $error; $| = 1; print "$error\n"; print error(), "\n" while <STDIN>;
        """;

    static readonly IPAddress Loopback = IPAddress.Loopback;

    JsonElement[] _pools = [];

    /// <summary>A process in its own cgroup uses the ports, so that the diagnosis has an owner to name.</summary>
    [Fact]
    public async Task Ports_to_one_destination()
    {
        using var netns = NarrowNamespace();
        using var cgroup = new PrivateCgroup("ports");
        var holder = cgroup.Start(netns, InstalledProgram.Find("perl"), "-e", Connections);
        Assert.Equal(EADDRNOTAVAIL, await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        var worst = await WorstAsync(netns);
        Assert.Equal(
            "ephemeral_connect_ports tcp 127.0.0.1 127.0.0.1:8080",
            WhatAndWho(worst, "protocol", "source", "destination")
        );
        Assert.Equal("critical", Text(worst, "condition"));
        Assert.Equal(cgroup.Path, Text(worst, "cgroup"));
        Assert.Contains(
            $"for tcp from 127.0.0.1 to 127.0.0.1:8080 held by perl (pid {holder.Id}): 40 of 40 ports, "
                + $"cgroup {cgroup.Path} ",
            await InWordsAsync(netns),
            StringComparison.Ordinal
        );
        await RunAsync(netns, worst);

        await holder.StandardInput.WriteLineAsync();
        Assert.Equal("0", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.NotEqual("critical", await ConditionAsync(netns));
    }

    /// <summary>
    /// The same full range has one of three causes. connect() gives a UDP socket a port before it looks at the
    /// destination. After explicit binds the cause is bind(), although connect() has no port left either.
    /// </summary>
    [Theory]
    [InlineData(SocketType.Stream, false, "ephemeral_bind_ports tcp 0.0.0.0", "protocol", "address")]
    [InlineData(SocketType.Dgram, false, "ephemeral_bind_ports udp 0.0.0.0", "protocol", "address")]
    [InlineData(SocketType.Dgram, true, "ephemeral_connect_ports udp 0.0.0.0 *", "protocol", "source", "destination")]
    public async Task Ports_of_one_kind_of_call(SocketType type, bool connects, string expected, params string[] labels)
    {
        using var netns = NarrowNamespace();
        using var exhaustion = PortExhaustion(netns, type, connects);

        var worst = await WorstAsync(netns);
        Assert.Equal(expected, WhatAndWho(worst, labels));
        Assert.Equal("critical", Text(worst, "condition"));
        await RunAsync(netns, worst);

        Assert.Equal(0, exhaustion.TryOne());
        Assert.NotEqual("critical", await ConditionAsync(netns));
    }

    /// <summary>
    /// The wider range includes the ports of a listener and of the Gateway, which is not running. Sockets that ask for
    /// one of two ports are always assigned the other one, so that each restart of the service finds its port free.
    /// </summary>
    [Theory]
    [InlineData(Service)]
    [InlineData(Gateway)]
    public async Task Ports_of_services_are_not_assigned_in_the_wider_range(ushort port)
    {
        const int restarts = 20;
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "18000 18039");
        using var destination = Listening(netns, Destination);
        using (var exhaustion = PortExhaustion(netns, SocketType.Stream, connects: true))
        using (Listening(netns, Service))
        {
            await RunAsync(netns, await WorstAsync(netns));
            Assert.Equal(0, exhaustion.TryOne());
            Assert.NotEqual("critical", await ConditionAsync(netns));
        }

        for (var i = 0; i < restarts; i++)
        {
            using (Listening(netns, port)) { }

            using var connection = Choosing(SocketType.Stream, (ushort)(port + 1));
            Assert.Equal((0, port + 1), (connection.Connect(Loopback, Destination), connection.LocalPort));
            using var bound = Choosing(SocketType.Stream, (ushort)(port - 1));
            Assert.Equal((0, port - 1), (bound.Bind(Loopback, 0), bound.LocalPort));
            using var datagrams = Choosing(SocketType.Dgram, (ushort)(port + 1));
            Assert.Equal((0, port + 1), (datagrams.Connect(Loopback, Destination), datagrams.LocalPort));
            using (Listening(netns, port)) { }

            connection.Abort();
        }

        // Without the list of reserved ports, an outgoing connection has the port of the service.
        netns.Sysctl("net.ipv4.ip_local_reserved_ports", "\n");
        using var thief = Choosing(SocketType.Stream, port);
        Assert.Equal((0, port), (thief.Connect(Loopback, Destination), thief.LocalPort));
        using var late = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
        Assert.Equal(RawSocket.EADDRINUSE, late.Bind(Loopback, port));

        // A socket that may be assigned the service's port or this one.
        RawSocket Choosing(SocketType type, ushort other)
        {
            var socket = netns.Run(() => RawSocket.Open(type, false));
            socket.LocalPortRange = (Math.Min(port, other), Math.Max(port, other));
            return socket;
        }
    }

    /// <summary>
    /// Processes belong to the machine, so this one runs in a PID namespace, where it is the fullest.
    /// </summary>
    [Fact]
    public async Task Descriptors_of_a_process()
    {
        const int limit = 64;
        using var netns = new PrivateNamespace();
        using var cgroup = new PrivateCgroup("descriptors");
        // Bash assigns descriptors from 10 on. The lower ones are used explicitly, so that none of the 64 is left.
        var holder = cgroup.Start(
            netns,
            [
                .. PrivateProcesses.First,
                "bash",
                "-c",
                $"ulimit -Sn {limit}; exec 2>/dev/null 3</dev/null 4<&3 5<&3 6<&3 7<&3 8<&3 9<&3; while exec "
                    + $"{{fd}}<&3; do :; done; "
                    + "echo full; read; exec {fd}<&3 && echo room; read # openclaw",
            ]
        );
        Assert.Equal("full", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        var beside = PrivateProcesses.Beside(holder);

        var worst = (await DescriptorsAsync())[0];
        Assert.Equal("process_file_descriptors bash", WhatAndWho(worst, "process"));
        Assert.Equal(
            (1, "critical", cgroup.Path),
            (worst.GetProperty("pid").GetInt32(), Text(worst, "condition"), Text(worst, "cgroup"))
        );
        Assert.Equal(
            (limit, 1),
            (worst.GetProperty("limit").GetDouble(), worst.GetProperty("utilization").GetDouble())
        );
        Assert.DoesNotContain("port", CommandOf(worst), StringComparison.Ordinal);
        await SucceedsAsync(netns.Start, beside[0], [.. beside.Skip(1), "bash", "-c", CommandOf(worst)]);

        await holder.StandardInput.WriteLineAsync();
        Assert.Equal("room", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            "ok",
            Text(
                (await DescriptorsAsync()).Single(static pool =>
                    Text(pool, "pool") == "process_file_descriptors" && Text(pool, "subject") == "bash"
                ),
                "condition"
            )
        );

        async Task<JsonElement[]> DescriptorsAsync() =>
            [
                .. (await DiagnoseByAsync(netns, beside[0], beside.Skip(1), "--collector.processes"))
                    .GetProperty("pools")
                    .EnumerateArray(),
            ];
    }

    /// <summary>
    /// Ports in use fill half the bridge; the others are left over from ended containers. The command also works from
    /// another namespace.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ports_of_a_bridge(bool fromOutside)
    {
        const int pairs = 512,
            used = 20,
            perCommand = 64;
        using var netns = new PrivateNamespace();
        using var outside = new PrivateNamespace();
        netns.Start(new("sleep", "600"));
        var name = NameOf(netns);
        netns.Batch([
            "link add br0 type bridge",
            .. Enumerable.Range(0, pairs).Select(static i => $"link add a{i} type veth peer name b{i}"),
        ]);
        netns.Batch([
            "link set b0 master br0",
            .. Enumerable
                .Range(1, pairs - 1)
                .SelectMany(static i => new[] { $"link set a{i} master br0", $"link set b{i} master br0" }),
            .. Enumerable.Range(1, used).SelectMany(static i => new[] { $"link set a{i} up", $"link set b{i} up" }),
            $"link set a{used + 1} up",
        ]);
        Assert.Contains(
            "Exchange full",
            Assert.Throws<InvalidOperationException>(Join).Message,
            StringComparison.Ordinal
        );

        var worst = await BridgeAsync();
        Assert.Equal("bridge_ports br0", WhatAndWho(worst, "bridge"));
        Assert.Equal(("critical", 1023), (Text(worst, "condition"), worst.GetProperty("used").GetDouble()));
        Assert.Contains(
            "added again: ip link set dev PORT master br0.",
            Text(worst.GetProperty("remedy"), "warning"),
            StringComparison.Ordinal
        );
        await RunAsync(fromOutside ? outside : netns, worst);

        Join();
        worst = await BridgeAsync();
        Assert.Equal(
            ("warning", 1023 - perCommand + 1),
            (Text(worst, "condition"), worst.GetProperty("used").GetDouble())
        );
        while (Text(worst, "condition") == "warning")
        {
            var before = worst.GetProperty("used").GetDouble();
            await RunAsync(fromOutside ? outside : netns, worst);
            worst = await BridgeAsync();
            Assert.InRange(worst.GetProperty("used").GetDouble(), 0, before - 1);
        }

        // The remedy removed no more ports than needed, and none in use.
        Assert.Equal(818, worst.GetProperty("used").GetDouble());
        var left = netns.Command("ip", "-o", "link", "show", "master", "br0");
        foreach (var port in Enumerable.Range(1, used).SelectMany(static i => new[] { $"a{i}@", $"b{i}@" }))
            Assert.Contains($": {port}", left, StringComparison.Ordinal);

        void Join() => netns.Command("ip", "link", "set", "a0", "master", "br0");

        async Task<JsonElement> BridgeAsync() =>
            fromOutside
                ? (await PoolsAsync(outside, "--collector.processes", "--netns=" + name)).First(pool =>
                    Text(pool, "netns") == name
                )
                : await WorstAsync(netns);
    }

    /// <summary>
    /// The command changes only the number in the service's file. The test runs in a PID namespace, where no other
    /// process is watched or full.
    /// </summary>
    [Fact]
    public async Task Connections_of_a_service()
    {
        const string before =
            "# Limits: 10 of 10\nmax-open-files: 10\nnetwork:\n  other: 10\n  max_connections: 10   # not 10, as "
            + "max_connections: 10 says\n";
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        using var cgroup = new PrivateCgroup("connections");
        var file = folder.Write("it's mine/gateway.yml", before);
        var holder = cgroup.Listen(netns, 9201, connections: 5, "openclaw-gateway", PrivateProcesses.First);
        var beside = PrivateProcesses.Beside(holder);

        var worst = await ServiceAsync();
        Assert.Equal("daemon_connections gateway", WhatAndWho(worst, "service"));
        Assert.Equal(
            ("critical", 10, cgroup.Path),
            (Text(worst, "condition"), worst.GetProperty("used").GetDouble(), Text(worst, "cgroup"))
        );
        Assert.True(worst.GetProperty("remedy").GetProperty("needs_restart").GetBoolean());
        Assert.Contains("restart the service", Text(worst.GetProperty("remedy"), "advice"), StringComparison.Ordinal);
        await RunAsync(netns, worst);

        Assert.Equal(
            before.Replace("max_connections: 10   #", "max_connections: 20   #", StringComparison.Ordinal),
            File.ReadAllText(file)
        );
        worst = await ServiceAsync();
        Assert.NotEqual("daemon_connections", Text(worst, "pool"));
        Assert.NotEqual("critical", Text(worst, "condition"));

        async Task<JsonElement> ServiceAsync() =>
            (
                await DiagnoseByAsync(
                    netns,
                    beside[0],
                    beside.Skip(1),
                    "--collector.processes",
                    $"--openclaw.config={folder.PathOf("it's mine/*.yml")}"
                )
            )
                .GetProperty("pools")
                .EnumerateArray()
                .First();
    }

    [Fact]
    public async Task Sockets_in_TIME_WAIT()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.tcp_max_tw_buckets", "10");
        using var listener = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
        Assert.Equal(0, listener.Bind(Loopback, 8080));
        listener.Listen();
        for (var i = 0; i < 10; i++)
        {
            var client = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
            Assert.Equal(0, client.Connect(Loopback, 8080));
            var server = listener.Accept();
            client.Dispose();
            server.Dispose();
        }

        var worst = await WorstAsync(netns);
        Assert.Equal("time_wait_sockets", Text(worst, "pool"));
        await RunAsync(netns, worst);

        Assert.NotEqual("critical", await ConditionAsync(netns));
    }

    /// <summary>
    /// A listener keeps the queue size of its creation, as the remedy warns, so the program is started again.
    /// </summary>
    [Fact]
    public async Task Queue_of_a_listener_that_does_not_accept()
    {
        const int somaxconn = 8;
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.core.somaxconn", $"{somaxconn}");
        var clients = new List<RawSocket>();
        try
        {
            using (var stuck = Listener())
                await FillAsync();
            Assert.Equal("accept_queue_connections 127.0.0.1:8080", WhatAndWho(_pools[0], "listener"));
            Assert.Equal("critical", Text(Queue(), "condition"));
            Assert.Contains(
                "restart the program",
                Text(Queue().GetProperty("remedy"), "warning"),
                StringComparison.Ordinal
            );
            Assert.Equal("sysctl -w net.core.somaxconn=4096", Text(Queue().GetProperty("remedy"), "command"));
            Assert.True(Queue().GetProperty("remedy").GetProperty("needs_restart").GetBoolean());
            await RunAsync(netns, Queue());

            using (var anew = Listener())
                await FillAsync();
            Assert.Equal("ok", Text(Queue(), "condition"));
        }
        finally
        {
            clients.ForEach(static client => client.Dispose());
        }

        JsonElement Queue() => _pools.First(static pool => Text(pool, "pool") == "accept_queue_connections");

        RawSocket Listener()
        {
            var listener = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
            Assert.Equal(0, listener.Bind(Loopback, 8080));
            listener.Listen();
            return listener;
        }

        async Task FillAsync()
        {
            for (var i = 0; i <= somaxconn; i++)
            {
                clients.Add(netns.Run(static () => RawSocket.Open(SocketType.Stream, false)));
                Assert.Equal(0, clients[^1].Connect(Loopback, 8080));
            }

            _pools = await PoolsAsync(netns);
        }
    }

    /// <summary>The command for another namespace runs unchanged from outside.</summary>
    [Fact]
    public async Task Ports_in_another_namespace()
    {
        using var home = new PrivateNamespace();
        using var netns = NarrowNamespace();
        using var exhaustion = PortExhaustion(netns, SocketType.Stream, connects: true);
        netns.Start(new("sleep", "600"));
        var name = NameOf(netns);

        var worst = (await DiagnoseAsync(home, "--collector.processes", "--netns=" + name))
            .GetProperty("pools")
            .EnumerateArray()
            .First(pool => Text(pool, "netns") == name);
        Assert.Equal("ephemeral_connect_ports", Text(worst, "pool"));
        Assert.Equal(name, Text(worst, "netns"));
        await RunAsync(home, worst);

        Assert.Equal(0, exhaustion.TryOne());
        Assert.NotEqual(
            "critical",
            Text(
                (await DiagnoseAsync(home, "--collector.processes", "--netns=" + name))
                    .GetProperty("pools")
                    .EnumerateArray()
                    .First(pool => Text(pool, "netns") == name),
                "condition"
            )
        );
    }

    /// <summary>The name of a namespace that has no other name.</summary>
    static string NameOf(PrivateNamespace netns) =>
        netns
            .Run(static () => Kernel.Files.FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode)
            .ToString(System.Globalization.CultureInfo.InvariantCulture);

    static PrivateNamespace NarrowNamespace()
    {
        var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40039");
        return netns;
    }

    static RawSocket Listening(PrivateNamespace netns, ushort port)
    {
        var listener = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
        Assert.Equal(0, listener.Bind(Loopback, port));
        listener.Listen();
        return listener;
    }

    static Exhaustion PortExhaustion(PrivateNamespace netns, SocketType type, bool connects)
    {
        var exhaustion = new Exhaustion(netns, type, connects);
        while (exhaustion.TryOne() == 0) { }

        return exhaustion;
    }

    /// <summary>Uses ports by plain calls, one after the other.</summary>
    sealed class Exhaustion : IDisposable
    {
        readonly List<RawSocket> _open = [];
        readonly PrivateNamespace _netns;
        readonly RawSocket? _listener;
        readonly SocketType _type;
        readonly Func<RawSocket, int> _call;

        public Exhaustion(PrivateNamespace netns, SocketType type, bool connects)
        {
            (_netns, _type) = (netns, type);
            _call = socket => connects ? socket.Connect(Loopback, 8080) : socket.Bind(IPAddress.Any, 0);
            if (!connects || type != SocketType.Stream)
                return;
            _listener = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
            Assert.Equal(0, _listener.Bind(Loopback, 8080));
            _listener.Listen();
        }

        /// <summary>Makes one more call; returns 0 or the error.</summary>
        public int TryOne()
        {
            var socket = _netns.Run(() => RawSocket.Open(_type, false));
            _open.Add(socket);
            var error = _call(socket);
            if (error == 0 && _listener is not null)
                _open.Add(_listener.Accept());
            return error;
        }

        public void Dispose()
        {
            foreach (var socket in _open)
                socket.Dispose();
            _listener?.Dispose();
        }
    }
}
