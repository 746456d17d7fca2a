using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using OpenClaw.Exporter.Catalogue;
using static OpenClaw.KernelTests.PublishedDiagnosis;

namespace OpenClaw.KernelTests;

/// <summary>
/// A namespace reads the same from inside, by its name, with all others, and without flags: --netns selects what is
/// shown, never what a reading means.
/// </summary>
public sealed class SameEverywhereTests : IDisposable
{
    const int Range = 200;

    readonly PrivateNamespace _home = new();
    readonly PrivateNamespace _netns = new();

    public SameEverywhereTests()
    {
        _netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Range - 1}");
        _netns.Start(new("sleep", "600"));
    }

    public void Dispose()
    {
        _netns.Dispose();
        _home.Dispose();
    }

    /// <summary>The TCP sockets that are only bound show in no count of the kernel.</summary>
    [Theory]
    [InlineData(SocketType.Stream, "tcp")]
    [InlineData(SocketType.Dgram, "udp")]
    public async Task Sockets_that_are_only_bound(SocketType type, string protocol)
    {
        Hold(() => Enumerable.Range(0, Range).Select(_ => Bound(type)));

        await AssertSameAsync(PoolCatalogue.EphemeralBindPorts, Range, "failing", ("protocol", protocol));
    }

    [Fact]
    public async Task Connections_to_one_destination()
    {
        Hold(() =>
        {
            var listener = Bound(SocketType.Stream, 9000);
            listener.Listen(Range);
            return Enumerable.Range(0, Range - 2).SelectMany(_ => Connected(listener)).Append(listener);
        });

        await AssertSameAsync(PoolCatalogue.EphemeralConnectPorts, Range - 2, "close", ("protocol", "tcp"));
    }

    [Fact]
    public async Task A_full_accept_queue()
    {
        const int backlog = 3;
        Hold(() =>
        {
            var listener = Bound(SocketType.Stream, 9000);
            listener.Listen(backlog);
            return Enumerable.Range(0, backlog + 1).Select(_ => Connecting(listener)).Append(listener);
        });

        await AssertSameAsync(PoolCatalogue.AcceptQueueConnections, backlog + 1, "failing");
    }

    /// <summary>The process belongs to the machine; it is in this namespace only.</summary>
    [Fact]
    public async Task Descriptors_of_a_process()
    {
        const int limit = 77;
        const string fill =
            "use POSIX; POSIX::close($_) for 3..1023; "
            + "while (open(my $f, '<', '/dev/null')) { push @held, $f } sleep 600";
        var full = _netns.Start(new("bash", ["-c", $"ulimit -n {limit}; exec perl -e \"$0\"", fill]));
        var descriptors = $"/proc/{full.Id}/fd";
        await Polling.UntilAsync("the process is full", () =>
            Task.FromResult(Directory.EnumerateFileSystemEntries(descriptors).Count() >= limit)
        );

        await AssertSameAsync(PoolCatalogue.ProcessFileDescriptors, limit, "failing", ("process", "perl"));
    }

    [Fact]
    public async Task Sockets_by_state()
    {
        Hold(() =>
        {
            var listener = Bound(SocketType.Stream, 9000);
            listener.Listen(Range);
            return Enumerable.Range(0, 17).SelectMany(_ => Connected(listener)).Append(listener);
        });

        var inside = (await DiagnoseAsync(_netns, "--netns=self")).GetProperty("tcp_sockets");
        var byName = (await DiagnoseAsync(_home, "--collector.processes", $"--netns={Name}")).GetProperty(
            "tcp_sockets"
        );

        Assert.Equal(34, inside.GetProperty("established").GetInt64());
        Assert.Equal(inside.GetRawText(), byName.GetRawText());
    }

    async Task AssertSameAsync(Pool pool, int used, string phase, params (string Key, string Value)[] labels)
    {
        var inside = Level(await DiagnoseAsync(_netns, "--collector.processes", "--netns=self"), pool, null, labels);
        Assert.Equal((used, phase), (inside.Used, inside.Phase));
        foreach (var selection in (string[])[Name, "all", "auto"])
        {
            var seen = Level(
                await DiagnoseAsync(_home, "--collector.processes", "--netns.worst=10000", $"--netns={selection}"),
                pool,
                Name,
                labels
            );
            Assert.Equal((selection, inside), (selection, seen));
        }
    }

    static (double Used, double? Limit, string? Condition, string? Phase) Level(
        JsonElement diagnosis,
        Pool pool,
        string? netns,
        (string Key, string Value)[] labels
    )
    {
        var level = diagnosis
            .GetProperty("pools")
            .EnumerateArray()
            .First(level =>
                Text(level, "pool") == pool.Name
                && (netns is null || Text(level, "netns") == netns)
                && labels.All(label => Text(level.GetProperty("labels"), label.Key) == label.Value)
            );
        var problem = diagnosis
            .GetProperty("problems")
            .EnumerateArray()
            .First(problem => Text(problem, "pool") == pool.Name);
        return (
            level.GetProperty("used").GetDouble(),
            level.GetProperty("limit").GetDouble(),
            Text(level, "condition"),
            Text(problem, "phase")
        );
    }

    string Name =>
        _netns
            .Run(static () => Kernel.Files.FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode)
            .ToString(CultureInfo.InvariantCulture);

    void Hold(Func<IEnumerable<Socket>> open)
    {
        foreach (var socket in _netns.Run(() => open().ToList()))
            _netns.Attach(socket);
    }

    static Socket Bound(SocketType type, int port = 0)
    {
        var socket = new Socket(
            AddressFamily.InterNetwork,
            type,
            type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp
        );
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    static Socket Connecting(Socket listener)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(listener.LocalEndPoint!);
        return socket;
    }

    static IEnumerable<Socket> Connected(Socket listener) => [Connecting(listener), listener.Accept()];
}
