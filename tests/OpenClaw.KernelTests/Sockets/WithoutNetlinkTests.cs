using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>A seccomp filter refuses netlink to the published binary. Nothing that it cannot see is OK or 0.</summary>
[Collection(WholeMachine.Name)]
public class WithoutNetlinkTests
{
    const int Ports = 100;
    const int EPERM = 1;
    const int EACCES = 13;
    const int ENOSYS = 38;
    const int EPROTONOSUPPORT = 93;
    const int EAFNOSUPPORT = 97;

    static readonly IPEndPoint Destination = new(IPAddress.Loopback, 8080);

    [Theory]
    [InlineData(EPERM)]
    [InlineData(EACCES)]
    [InlineData(ENOSYS)]
    [InlineData(EPROTONOSUPPORT)]
    [InlineData(EAFNOSUPPORT)]
    public async Task Full_ports_are_seen_in_files(int errno)
    {
        using var netns = Narrow();
        using var listener = netns.Run(static () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(Destination);
            socket.Listen(2 * Ports);
            return socket;
        });
        using var exhaustion = netns.Run(static () => new PortExhaustion(Destination));
        ForbiddenSockets.In(netns, ForbiddenSockets.AF_NETLINK, errno);

        var worst = await PublishedDiagnosis.WorstAsync(netns);

        Assert.Equal("ephemeral_connect_ports", worst.GetProperty("pool").GetString());
        Assert.Equal("critical", worst.GetProperty("condition").GetString());
        Assert.Equal(Ports, worst.GetProperty("used").GetInt32());
        var words = await PublishedDiagnosis.InWordsAsync(netns);
        Assert.DoesNotContain("(needs CAP_", words, StringComparison.Ordinal);
    }

    /// <summary>Every Linux has rtnetlink. Bridges are unknown without it, even where none exists.</summary>
    [Theory]
    [InlineData(EPERM, "a filter of system calls or a security module refuses it")]
    [InlineData(EPROTONOSUPPORT, "every Linux kernel has it")]
    [InlineData(EAFNOSUPPORT, "every Linux kernel has it")]
    public async Task Without_rtnetlink_the_verdict_is_unknown(int errno, string reason)
    {
        using var netns = new PrivateNamespace();
        ForbiddenSockets.In(netns, ForbiddenSockets.AF_NETLINK, errno, ForbiddenSockets.NETLINK_ROUTE);

        var words = await PublishedDiagnosis.InWordsAsync(netns);

        Assert.StartsWith("UNKNOWN: ", words, StringComparison.Ordinal);
        Assert.Contains("Bridge ports could not be read: rtnetlink: ", words, StringComparison.Ordinal);
        Assert.Contains(reason, words, StringComparison.Ordinal);
    }

    /// <summary>No file below /proc/net shows the port of a socket that is only bound.</summary>
    [Theory]
    [InlineData(Ports - 3, true)]
    [InlineData(0, false)]
    public async Task Sockets_that_are_only_bound_make_the_ports_unknown(int bound, bool isUnknown)
    {
        using var netns = Narrow();
        var sockets = new List<RawSocket>();
        for (var i = 0; i < bound; i++)
        {
            sockets.Add(netns.Run(static () => RawSocket.Open(SocketType.Stream, isIPv6: false)));
            Assert.Equal(0, sockets[i].Bind(IPAddress.Any, 0));
        }

        ForbiddenSockets.In(netns, ForbiddenSockets.AF_NETLINK, EAFNOSUPPORT, ForbiddenSockets.NETLINK_SOCK_DIAG);

        var document = await PublishedDiagnosis.DiagnoseAsync(netns);

        Assert.Equal(isUnknown ? "unknown" : "ok", StateOf(document, "ephemeral_bind_ports"));
        Assert.Equal(isUnknown ? "unknown" : "ok", StateOf(document, "ephemeral_connect_ports"));
        sockets.ForEach(static socket => socket.Dispose());
    }

    static string? StateOf(JsonElement document, string pool) =>
        document
            .GetProperty("states")
            .EnumerateArray()
            .Single(state => state.GetProperty("pool").GetString() == pool)
            .GetProperty("condition")
            .GetString();

    static PrivateNamespace Narrow()
    {
        var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Ports - 1}");
        return netns;
    }
}
