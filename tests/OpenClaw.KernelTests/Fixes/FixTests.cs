using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.KernelTests;

/// <summary>
/// Tests fixes end to end. A pool is filled, and the published binary applies and undoes its remedy. Every value and
/// byte that it changed is compared.
/// </summary>
public class FixTests
{
    static readonly IPAddress Loopback = IPAddress.Loopback;

    /// <summary>The fix enters the namespace from another one. A server undoes the trial that was killed.</summary>
    [Fact]
    public async Task Ports_in_another_namespace()
    {
        using var home = new PrivateNamespace();
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40039");
        netns.Start(new("sleep", ["600"]));
        var name = NameOf(netns);
        using var listener = Listening(netns, 8080);
        var clients = new List<RawSocket>();
        while (TryOne() == 0) { }

        string State() => Sysctls(home) + Sysctls(netns);
        using var pool = new FixedPool(home, "ephemeral_connect_ports", State) { Flags = [$"--netns={name}"] };
        var before = State();
        await pool.CureAsync(() => Task.FromResult(TryOne() == 0));

        await pool.KillTrialAsync();
        Assert.NotEqual(before, State());
        using var server = await PublishedExporter.StartAsync(home, [.. pool.Arguments().Where(IsOfServer)]);
        await Polling.UntilAsync("the server undoes the fix", () => Task.FromResult(State() == before));
        clients.ForEach(static client => client.Dispose());

        static bool IsOfServer(string flag) => flag.StartsWith("--", StringComparison.Ordinal);

        int TryOne()
        {
            var client = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
            clients.Add(client);
            return client.Connect(Loopback, 8080);
        }
    }

    [Fact]
    public async Task Ports_of_bind()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40039");
        netns.Sysctl("net.ipv4.ip_local_reserved_ports", "50000");
        using var listener = Listening(netns, 50001);
        var sockets = new List<RawSocket>();
        while (TryOne() == 0) { }

        using var pool = new FixedPool(netns, "ephemeral_bind_ports", () => Sysctls(netns));
        await pool.CureAsync(() => Task.FromResult(TryOne() == 0));
        sockets.ForEach(static socket => socket.Dispose());

        int TryOne()
        {
            var socket = netns.Run(static () => RawSocket.Open(SocketType.Dgram, false));
            sockets.Add(socket);
            return socket.Bind(IPAddress.Any, 0);
        }
    }

    [Fact]
    public async Task Sockets_in_TIME_WAIT_and_a_listener_that_does_not_accept()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.tcp_max_tw_buckets", "10");
        netns.Sysctl("net.core.somaxconn", "8");
        using var listener = Listening(netns, 8080);
        for (var i = 0; i < 10; i++)
        {
            var client = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
            Assert.Equal(0, client.Connect(Loopback, 8080));
            var server = listener.Accept();
            client.Dispose();
            server.Dispose();
        }

        using var full = new FixedPool(netns, "time_wait_sockets", () => Sysctls(netns));
        await full.CureAsync(async () => await PublishedDiagnosis.ConditionAsync(netns) != "critical");

        var clients = new List<RawSocket>();
        for (var i = 0; i <= 8; i++)
        {
            clients.Add(netns.Run(static () => RawSocket.Open(SocketType.Stream, false)));
            Assert.Equal(0, clients[^1].Connect(Loopback, 8080));
        }

        using var queue = new FixedPool(netns, "accept_queue_connections", () => Sysctls(netns));
        await queue.CureAsync(() =>
            Task.FromResult(Sysctls(netns).Contains("somaxconn = 4096", StringComparison.Ordinal))
        );
        clients.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task Descriptors_of_a_process()
    {
        using var netns = new PrivateNamespace();
        var holder = await FillDescriptorsAsync(netns, "-Sn");
        var beside = PrivateProcesses.Beside(holder);
        var pid = int.Parse(beside[2], System.Globalization.CultureInfo.InvariantCulture);

        using var pool = new FixedPool(netns, "process_file_descriptors", () => $"{OpenFileLimits.Read(pid).Value}")
        {
            Before = beside,
        };
        await pool.CureAsync(async () =>
        {
            await holder.StandardInput.WriteLineAsync();
            return await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) == "room";
        });
    }

    [Fact]
    public async Task A_hard_limit_without_the_capability_is_as_before()
    {
        using var netns = new PrivateNamespace();
        var holder = await FillDescriptorsAsync(netns, "-n");
        using var pool = new FixedPool(netns, "process_file_descriptors", static () => "")
        {
            Before = [.. PrivateProcesses.Beside(holder), "setpriv", "--bounding-set=-sys_resource"],
        };

        var (code, _, errors) = await pool.RunAsync("fix", "process_file_descriptors", "--apply", "--observe=0s");

        Assert.Equal(77, code);
        Assert.Contains("prlimit: Operation not permitted\n", errors, StringComparison.Ordinal);
        Assert.EndsWith("fix: run it with CAP_SYS_RESOURCE\n", errors, StringComparison.Ordinal);
    }

    /// <summary>Starts a process that has as many descriptors as it may.</summary>
    /// <param name="netns">Its network namespace.</param>
    /// <param name="limits">The limits that are set, as bash names them.</param>
    static async Task<Process> FillDescriptorsAsync(PrivateNamespace netns, string limits)
    {
        var holder = netns.Start(
            new(
                PrivateProcesses.First[0],
                [
                    .. PrivateProcesses.First.Skip(1),
                    "bash",
                    "-c",
                    $"ulimit {limits} 64; exec 2>/dev/null 3</dev/null 4<&3 5<&3 6<&3 7<&3 8<&3 9<&3; while exec "
                        + "{fd}<&3; do :; done; echo full; read; exec {fd}<&3 && echo room; read # openclaw",
                ]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        );
        Assert.Equal("full", await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        return holder;
    }

    [Fact]
    public async Task Connections_of_a_service()
    {
        const string text = "# Limits: 10\nnetwork:\n  max_connections: 10   # not 10\r\n";
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        using var cgroup = new PrivateCgroup("fixed connections");
        var file = folder.Write("it's mine/gateway.yml", text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        netns.Command("chown", "12:34", file);
        var holder = cgroup.Listen(netns, 9201, connections: 5, "openclaw-gateway", PrivateProcesses.First);

        using var pool = new FixedPool(netns, "daemon_connections", () =>
            netns.Command("stat", "-c", "%n %a %u %g", file) + File.ReadAllText(file)
        )
        {
            Before = PrivateProcesses.Beside(holder),
            Flags = [$"--openclaw.config={folder.PathOf("it's mine/*.yml")}"],
        };
        await pool.CureAsync(() =>
            Task.FromResult(
                File.ReadAllText(file) == text.Replace("connections: 10 ", "connections: 20 ", StringComparison.Ordinal)
                    && netns.Command("stat", "-c", "%a %u %g", file) == "640 12 34\n"
            )
        );
    }

    [Fact]
    public async Task Ports_of_a_bridge()
    {
        const int pairs = 512;
        using var netns = new PrivateNamespace();
        netns.Batch([
            "link add br0 type bridge",
            .. Enumerable.Range(0, pairs).Select(static i => $"link add a{i} type veth peer name b{i}"),
        ]);
        netns.Batch([
            "link set b0 master br0",
            .. Enumerable
                .Range(1, pairs - 1)
                .SelectMany(static i => new[] { $"link set a{i} master br0", $"link set b{i} master br0" }),
        ]);

        string Ports() =>
            string.Join(
                '\n',
                netns
                    .Command("ip", "-o", "link", "show", "master", "br0")
                    .Split('\n')
                    .Select(static line => line.Split(' ').ElementAtOrDefault(1))
                    .Order(StringComparer.Ordinal)
            );
        using var pool = new FixedPool(netns, "bridge_ports", Ports);
        await pool.CureAsync(() =>
        {
            netns.Command("ip", "link", "set", "a0", "master", "br0");
            netns.Command("ip", "link", "set", "a0", "nomaster");
            return Task.FromResult(true);
        });
    }

    static string Sysctls(PrivateNamespace netns) => netns.Command("sysctl", "-e", "-a", "-r", "^net[.]");

    static string NameOf(PrivateNamespace netns) =>
        netns
            .Run(static () => Kernel.Files.FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode)
            .ToString(System.Globalization.CultureInfo.InvariantCulture);

    static RawSocket Listening(PrivateNamespace netns, ushort port)
    {
        var listener = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
        Assert.Equal(0, listener.Bind(Loopback, port));
        listener.Listen();
        return listener;
    }
}
