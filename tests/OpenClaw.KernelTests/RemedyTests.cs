using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>
/// The loop closes: a pool is filled, the published binary names it and its holder, its command is run as it stands, and the
/// call that failed succeeds.
/// </summary>
public class RemedyTests
{
    const string EADDRNOTAVAIL = "99";

    /// <summary>Connects to itself until that fails, says with which error, and tries once more for each line it is given.</summary>
    const string Connections = """
        use Socket; my $to = sockaddr_in(8080, INADDR_LOOPBACK); my @held;
        sub made { socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!; return $s }
        my $listener = made(); bind($listener, $to) or die $!; listen($listener, 8) or die $!;
        sub error { my $s = made(); connect($s, $to) or return $! + 0; accept(my $peer, $listener) or die $!; push @held, $s, $peer; return 0 }
        my $error; do { $error = error() } until $error; $| = 1; print "$error\n"; print error(), "\n" while <STDIN>;
        """;

    static readonly IPAddress Loopback = IPAddress.Loopback;

    JsonElement _worst;

    /// <summary>A process of a cgroup of its own takes them, so that the diagnosis has somebody to name.</summary>
    [Fact]
    public async Task Ports_to_one_destination()
    {
        using var netns = NarrowNamespace();
        using var cgroup = new PrivateCgroup("ports");
        var holder = cgroup.Start(netns, InstalledProgram.Find("perl"), "-e", Connections);
        Assert.Equal(EADDRNOTAVAIL, await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        var worst = await WorstAsync(netns);
        Assert.Equal("ephemeral_connect_ports tcp 127.0.0.1 127.0.0.1:8080", WhatAndWho(worst, "protocol", "source", "destination"));
        Assert.Equal("critical", Text(worst, "condition"));
        Assert.Equal(cgroup.Path, Text(worst, "cgroup"));
        var said = string.Join(' ', (await PrintAsync(netns, "--format=text")).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"holder tcp from 127.0.0.1 to 127.0.0.1:8080 of most TCP sockets here are of cgroup {cgroup.Path} ", said, StringComparison.Ordinal);
        await RunAsync(netns, worst);

        await holder.StandardInput.WriteLineAsync();
        Assert.Equal("0", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.NotEqual("critical", await ConditionAsync(netns));
    }

    /// <summary>
    /// The same full range is one of three things: connect() gives UDP sockets a port before it looks at their destination, and
    /// where sockets were bound by hand, it is bind() that used the ports up, though no connect() has one either.
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

    [Fact]
    public async Task Descriptors_of_a_process()
    {
        const int limit = 64;
        using var netns = new PrivateNamespace();
        // Bash gives out numbers from 10 on: the ones below are taken one by one, so that not one of the 64 is left.
        var holder = netns.Start(new("bash",
        [
            "-c",
            $"ulimit -Sn {limit}; exec 2>/dev/null 3</dev/null 4<&3 5<&3 6<&3 7<&3 8<&3 9<&3; while exec {{fd}}<&3; do :; done; "
                + "echo full; read; exec {fd}<&3 && echo room; read # openclaw",
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        });
        Assert.Equal("full", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        var full = await DescriptorsAsync();
        Assert.Equal("critical", Text(full, "condition"));
        Assert.Equal(limit, full.GetProperty("limit").GetDouble());
        Assert.DoesNotContain("port", Text(full.GetProperty("remedy"), "command"), StringComparison.Ordinal);
        await RunAsync(netns, full);

        await holder.StandardInput.WriteLineAsync();
        Assert.Equal("room", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.NotEqual("critical", Text(await DescriptorsAsync(), "condition"));

        // Processes are the machine's: a test beside this one may have a full one too.
        async Task<JsonElement> DescriptorsAsync() =>
            (await DiagnoseAsync(netns, "--collector.processes")).GetProperty("pools").EnumerateArray().Single(pool =>
                Text(pool, "pool") == "process_file_descriptors" && pool.GetProperty("pid").GetInt32() == holder.Id);
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

    /// <summary>A listener keeps the queue it was made with, as the remedy warns: the program is started again.</summary>
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
            Assert.Equal("accept_queue_connections", Text(_worst, "pool"));
            Assert.Equal("127.0.0.1:8080", Text(_worst, "subject"));
            Assert.Contains("started again", Text(_worst.GetProperty("remedy"), "warning"), StringComparison.Ordinal);
            Assert.Equal("sysctl -w net.core.somaxconn=4096", Text(_worst.GetProperty("remedy"), "command"));
            Assert.True(_worst.GetProperty("remedy").GetProperty("needs_restart").GetBoolean());
            await RunAsync(netns, _worst);

            using (var anew = Listener())
                await FillAsync();
            Assert.Equal("ok", Text(_worst, "condition"));
        }
        finally
        {
            clients.ForEach(static client => client.Dispose());
        }

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

            _worst = (await PoolsAsync(netns)).First(static pool => Text(pool, "pool") == "accept_queue_connections");
        }
    }

    /// <summary>The command for another namespace is run from outside, as it stands.</summary>
    [Fact]
    public async Task Ports_in_another_namespace()
    {
        using var home = new PrivateNamespace();
        using var netns = NarrowNamespace();
        using var exhaustion = PortExhaustion(netns, SocketType.Stream, connects: true);
        netns.Start(new("sleep", "600"));
        var name = netns.Run(static () => Kernel.Procfs.FileIdentity.Of("/proc/thread-self/ns/net").Value.Inode).ToString(System.Globalization.CultureInfo.InvariantCulture);

        var worst = (await DiagnoseAsync(home, "--collector.processes", "--netns=" + name)).GetProperty("pools").EnumerateArray().First(pool => Text(pool, "netns") == name);
        Assert.Equal("ephemeral_connect_ports", Text(worst, "pool"));
        Assert.Equal(name, Text(worst, "netns"));
        await RunAsync(home, worst);

        Assert.Equal(0, exhaustion.TryOne());
        Assert.NotEqual("critical", Text(
            (await DiagnoseAsync(home, "--collector.processes", "--netns=" + name)).GetProperty("pools").EnumerateArray().First(pool => Text(pool, "netns") == name), "condition"));
    }

    static PrivateNamespace NarrowNamespace()
    {
        var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40039");
        return netns;
    }

    static Exhaustion PortExhaustion(PrivateNamespace netns, SocketType type, bool connects)
    {
        var exhaustion = new Exhaustion(netns, type, connects);
        while (exhaustion.TryOne() == 0)
        {
        }

        return exhaustion;
    }

    static async Task<JsonElement[]> PoolsAsync(PrivateNamespace netns) =>
        [.. (await DiagnoseAsync(netns)).GetProperty("pools").EnumerateArray()];

    static async Task<JsonElement> WorstAsync(PrivateNamespace netns) => (await PoolsAsync(netns))[0];

    static async Task<string?> ConditionAsync(PrivateNamespace netns) => Text(await DiagnoseAsync(netns), "condition");

    /// <summary>The pool's name and the values of these labels.</summary>
    static string WhatAndWho(JsonElement pool, params IEnumerable<string> labels) =>
        string.Join(' ', labels.Select(label => Text(pool.GetProperty("labels"), label)).Prepend(Text(pool, "pool")));

    static async Task<JsonElement> DiagnoseAsync(PrivateNamespace netns, params IEnumerable<string> flags) =>
        JsonDocument.Parse(await PrintAsync(netns, flags.Prepend("--format=json"))).RootElement;

    /// <summary>What it prints; its exit code says the same.</summary>
    static async Task<string> PrintAsync(PrivateNamespace netns, params IEnumerable<string> flags)
    {
        // The kernel's log, the backlog of the CPUs and other people's processes are the machine's.
        var process = netns.Start(new(
            Repository.PublishedExporter,
            ["diagnose", "--no-probe", "--no-collector.kernel_log", "--no-collector.softnet", .. flags.Contains("--collector.processes") ? flags : flags.Append("--no-collector.processes")])
        { RedirectStandardOutput = true });
        var printed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var condition = printed.StartsWith('{') ? Text(JsonDocument.Parse(printed).RootElement, "condition")! : printed[..printed.IndexOf(':', StringComparison.Ordinal)];
        Assert.Equal(condition.ToUpperInvariant() switch { "OK" => 0, "WARNING" => 1, "CRITICAL" => 2, _ => 3 }, process.ExitCode);
        return printed;
    }

    static async Task RunAsync(PrivateNamespace netns, JsonElement pool)
    {
        var command = Text(pool.GetProperty("remedy"), "command")!;
        var process = netns.Start(new("bash", ["-c", command]) { RedirectStandardError = true, RedirectStandardOutput = true });
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{command}: {errors}");
    }

    static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();

    /// <summary>Takes ports by plain calls, one after the other.</summary>
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

        /// <summary>One more call; 0 or its error.</summary>
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
