using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>A Gateway in another network namespace than the exporter's.</summary>
public class GatewayElsewhereTests
{
    const int Backlog = 10;

    /// <summary>A process with the title of the Gateway whose event loop is late.</summary>
    const string Late = """
        use Socket; $0 = 'openclaw-gateway'; $| = 1;
        socket(my $l, PF_INET, SOCK_STREAM, 0) or die $!; setsockopt($l, SOL_SOCKET, SO_REUSEADDR, 1);
        bind($l, sockaddr_in(18789, INADDR_LOOPBACK)) or die $!; listen($l, $ARGV[0]) or die $!; print "ready\n";
        while (accept(my $c, $l)) {
            sysread($c, my $asked, 4096); my $body = '{"ok":true,"status":"live"}';
            $body = '{"ready":true,"failing":[],"uptimeMs":9000,"eventLoop":{"delayP99Ms":1600}}' if $asked =~ m{/readyz};
            syswrite($c, "HTTP/1.1 200 OK\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body");
            close($c);
        }
        """;

    /// <summary>The health is the last one that the Gateway told, before it stopped.</summary>
    [Fact]
    public async Task Its_late_event_loop_is_why_its_accept_queue_is_full()
    {
        using var home = new PrivateNamespace();
        using var netns = new PrivateNamespace();
        var process = Start(netns);
        using var health = Health();
        var readers = Readers(netns, health);
        await health.StartAsync(TestContext.Current.CancellationToken);
        GatewayHealth? told = null;
        await Polling.UntilAsync(
            "the Gateway tells its delay",
            () =>
            {
                told =
                    home.Run(() => readers.SnapshotHere()).Get<GatewayHealth>() is var reading
                    && reading.TryGet(out var read)
                        ? read
                        : null;
                return Task.FromResult(told?.Readiness is not null);
            },
            TimeSpan.FromSeconds(30)
        );
        Assert.Equal(1.6, told!.Readiness!.DelaySeconds);
        Signal(process, "STOP");
        using var clients = new Clients(netns);

        var queue = FullQueue(home.Run(() => readers.SnapshotHere()), process);

        Assert.Contains("its event loop is delayed by 1600 ms", queue.Remedy.Advice, StringComparison.Ordinal);
        await health.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A command does not ask a Gateway while connections wait in its queue.</summary>
    [Fact]
    public void A_Gateway_that_hangs_is_why_its_accept_queue_is_full()
    {
        using var home = new PrivateNamespace();
        using var netns = new PrivateNamespace();
        var process = Start(netns);
        Signal(process, "STOP");
        using var clients = new Clients(netns);
        using var health = Health();

        var queue = FullQueue(home.Run(() => Readers(netns, health).SnapshotHere()), process);

        Assert.Contains("The Gateway does not accept: it hangs", queue.Remedy.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_was_asked_keeps_its_namespace_alive()
    {
        using var home = new PrivateNamespace();
        var netns = new PrivateNamespace();
        Start(netns);
        using var health = Health();

        var snapshot = home.Run(() => Readers(netns, health).SnapshotHere());

        Assert.True(snapshot.Get<GatewayHealth>().Value.IsHealthy);
        var sockets = netns.Run(static () => File.ReadAllLines("/proc/thread-self/net/tcp"));
        Assert.DoesNotContain(sockets, static line => Regex.IsMatch(line, @" 0100007F:4965 01 "));
        netns.Dispose();
    }

    static FoundGatewayHealthReader Health() =>
        new(new ProcMount(), TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(2), "");

    static Finding FullQueue(Snapshot snapshot, Process process)
    {
        var queue = Diagnosis
            .Judge(snapshot)
            .Findings.First(static finding => finding.Pool == PoolCatalogue.AcceptQueueConnections);
        Assert.Equal(PoolCondition.Critical, queue.Condition);
        Assert.Equal(process.Id, queue.Level.Pid);
        return queue;
    }

    static ImmutableArray<Reader> Readers(PrivateNamespace netns, FoundGatewayHealthReader health)
    {
        var inode = netns.Run(static () => Kernel.Files.FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode);
        return
        [
            .. KernelReaders
                .All(
                    new ProcMount(),
                    new Regex("openclaw"),
                    worst: 1000,
                    namespaces: new NamespaceSelection(inode.ToString(CultureInfo.InvariantCulture))
                )
                .Where(static reader =>
                    reader.Name
                        is "processes"
                            or "tcp_sockets"
                            or "network_namespaces"
                            or "namespace_snapshots"
                            or "conntrack_table"
                            or "socket_limits"
                            or "ephemeral_port_settings"
                ),
            new GatewayDiscovery(new ProcMount(), TimeProvider.System),
            health,
        ];
    }

    static Process Start(PrivateNamespace netns)
    {
        var process = netns.Start(
            new(InstalledProgram.Find("perl"), ["-e", Late, Backlog.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardOutput = true,
            }
        );
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        return process;
    }

    static void Signal(Process process, string signal)
    {
        using var kill = ChildProcess.Start(
            new("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)])
        );
        kill.WaitForExit();
    }

    /// <summary>Connections that fill the accept queue.</summary>
    sealed class Clients : IDisposable
    {
        readonly List<Socket> _sockets = [];

        public Clients(PrivateNamespace netns) =>
            netns.Run(() =>
            {
                for (var i = 0; i <= Backlog; i++)
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    _sockets.Add(socket);
                    socket.Connect(new IPEndPoint(IPAddress.Loopback, 18789));
                }
            });

        public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());
    }
}
