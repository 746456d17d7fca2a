using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace OpenClaw.KernelTests;

/// <summary>
/// Tests verify by the published binary: it passes where there is room, fails where there is none, and leaves nothing.
/// </summary>
public partial class VerifyTests
{
    static readonly IPAddress Loopback = IPAddress.Loopback;

    /// <summary>The namespace is full, is cured by a fix, and is tested before and after that.</summary>
    [Fact]
    public async Task A_full_namespace_fails_and_a_cured_one_passes()
    {
        using var home = new PrivateNamespace();
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40039");
        var beside = PrivateProcesses.Start(netns);
        var name = netns
            .Run(static () => Kernel.Files.FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode)
            .ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var listener = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
        Assert.Equal(0, listener.Bind(Loopback, 8080));
        listener.Listen();
        var clients = new List<RawSocket>();
        do
        {
            clients.Add(netns.Run(static () => RawSocket.Open(SocketType.Stream, false)));
        } while (clients[^1].Connect(Loopback, 8080) == 0);

        using var pool = new FixedPool(home, "ephemeral_connect_ports", static () => "")
        {
            Before = beside,
            Flags = [$"--netns={name}"],
        };
        var full = await VerifyAsync(home, beside, 1, "--for=1s", $"--netns={name}");
        Assert.StartsWith("Load Test Result: FAILED\nStopped By ", full, StringComparison.Ordinal);
        Assert.Matches(@"Peak Concurrent Connections +0 of 0\n", full);
        await pool.SucceedsAsync("fix", "ephemeral_connect_ports", "--apply", "--observe=0s");
        var before = StateOf(netns);

        var cured = await VerifyAsync(home, beside, 0, "--for=1s", "--connections=200", $"--netns={name}");
        Assert.StartsWith("Load Test Result: PASSED\n", cured, StringComparison.Ordinal);
        Assert.Matches(@"Peak Concurrent Connections +200 of 200\n", cured);
        Assert.Matches(@"Failed Attempts +0\n", cured);
        Assert.Matches(@"Closest Pool +\w", cured);
        Assert.Matches(@"Creep +none\n", cured);
        Assert.Equal(before, StateOf(netns));
        clients.ForEach(static client => client.Dispose());
    }

    /// <summary>The limit on connections is far below the number wanted, and below the critical threshold.</summary>
    [Fact]
    public async Task It_does_not_make_the_trouble_and_names_errors()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40039");
        var before = StateOf(netns);

        var small = await VerifyAsync(netns, 0, "--for=500ms", "--netns=self");
        Assert.Matches(@"Peak Concurrent Connections +32 of 32\nLimited By +Ephemeral connect ports", small);

        var refused = await VerifyAsync(netns, 1, "--for=200ms", "--netns=self", "--connections=5", "--to=127.0.0.1:9");
        Assert.Matches(@"Peak Concurrent Connections +0 of 5\n", refused);
        Assert.Matches(@"Failed Attempts +5 \(ECONNREFUSED 5\)\n", refused);
        Assert.Equal(before, StateOf(netns));
    }

    [Fact]
    public async Task On_a_host_with_IPv6_alone_it_connects_to_the_loopback_of_IPv6()
    {
        using var netns = new PrivateNamespace();
        netns.Command("ip", "addr", "del", "127.0.0.1/8", "dev", "lo");

        var passed = await VerifyAsync(netns, 0, "--for=500ms", "--netns=self", "--connections=10");

        Assert.Matches(@"Peak Concurrent Connections +10 of 10\n", passed);
    }

    [Fact]
    public async Task A_watch_opens_nothing_and_reports_creep()
    {
        using var netns = new PrivateNamespace();
        using var listener = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
        Assert.Equal(0, listener.Bind(Loopback, 8080));
        listener.Listen();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 49999");
        var sockets = new List<RawSocket>();
        using var end = new CancellationTokenSource();
        var leak = Task.Run(
            async () =>
            {
                while (!end.IsCancellationRequested)
                {
                    sockets.Add(netns.Run(static () => RawSocket.Open(SocketType.Stream, false)));
                    Assert.Equal(0, sockets[^1].Connect(Loopback, 8080));
                    sockets.Add(listener.Accept());
                    await Task.Delay(10);
                }
            },
            CancellationToken.None
        );

        var watched = await VerifyAsync(netns, 1, "--watch=15s", "--netns=self");
        await end.CancelAsync();
        await leak;
        Assert.StartsWith("Watch Result: FAILED\n", watched, StringComparison.Ordinal);
        Assert.Matches(@"(?s)Creep .*Ephemeral\s+\w+\s+ports", watched);
        sockets.ForEach(static socket => socket.Dispose());

        Assert.StartsWith(
            "Watch Result: PASSED\n",
            await VerifyAsync(netns, 0, "--watch=10s", "--netns=self"),
            StringComparison.Ordinal
        );
    }

    /// <summary>Returns the sockets by state and the sysctls, without those and the orphans of the machine.</summary>
    static string StateOf(PrivateNamespace netns) =>
        Sockets().Match(netns.Run(static () => File.ReadAllText("/proc/thread-self/net/sockstat"))).Value
        + netns.Command("ss", "-Htan", "state", "all")
        + netns.Command("sysctl", "-e", "-a", "-r", "^net[.]");

    static Task<string> VerifyAsync(PrivateNamespace netns, int code, params IEnumerable<string> flags) =>
        VerifyAsync(netns, PrivateProcesses.First, code, flags);

    static async Task<string> VerifyAsync(
        PrivateNamespace netns,
        IReadOnlyList<string> before,
        int code,
        params IEnumerable<string> flags
    )
    {
        string[] command =
        [
            .. before,
            Repository.PublishedExporter,
            "verify",
            "--no-probe",
            "--no-collector.kernel_log",
            "--no-collector.softnet",
            .. flags,
        ];
        var process = netns.Start(new(command[0], command[1..]) { RedirectStandardOutput = true });
        var printed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == code, printed);
        return printed;
    }

    [GeneratedRegex("TCP: inuse [0-9]+")]
    private static partial Regex Sockets();
}
