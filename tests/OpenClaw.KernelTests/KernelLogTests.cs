using System.Net;
using System.Net.Sockets;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.KernelTests;

public class KernelLogTests
{
    const int Port = 8081;

    static readonly TimeSpan Recent = TimeSpan.FromSeconds(10);

    [Fact]
    public void A_full_queue_of_half_open_connections_is_seen_as_SYN_flooding()
    {
        using var netns = new PrivateNamespace();
        var readers = KernelSampling.Readers();
        var before = netns.Read<KernelLogEvents>(readers);
        Assert.SkipWhen(before.Missing is not null, $"needs the kernel log: {before}");
        var start = DateTimeOffset.UtcNow;

        FloodWithSyn(netns);

        var flooding = netns.Read<KernelLogEvents>(readers).Value.Events.Single(static seen => seen.Kind == KernelLogKind.SynFlooding);
        Assert.InRange(flooding.LastSeen, start - TimeSpan.FromSeconds(1), start + Recent);
        Assert.Null(flooding.NetworkNamespace);
        Assert.DoesNotContain(before.Value.Events, seen => seen.Kind == KernelLogKind.SynFlooding && seen.LastSeen >= start);
    }

    [Fact]
    public void A_reader_that_begins_later_sees_what_the_log_still_holds()
    {
        using var netns = new PrivateNamespace();
        FloodWithSyn(netns);

        var log = netns.Read<KernelLogEvents>(KernelSampling.Readers());

        Assert.SkipWhen(log.Missing is not null, $"needs the kernel log: {log}");
        Assert.Contains(log.Value.Events, static seen => seen.Kind == KernelLogKind.SynFlooding);
        Assert.Equal(netns.Run(static () => new FileInfo("/proc/thread-self/ns/net").LinkTarget), $"net:[{log.Value.OwnNetworkNamespace}]");
    }

    /// <summary>More half-open connections than the listener's backlog, because its answers never arrive.</summary>
    static void FloodWithSyn(PrivateNamespace netns)
    {
        var nft = InstalledProgram.Find("nft");
        netns.Command(nft, "add table ip t");
        netns.Command(nft, "add chain ip t o { type filter hook output priority 0; }");
        netns.Command(nft, $"add rule ip t o tcp sport {Port} drop");
        var sockets = new List<Socket>();
        netns.Run(() =>
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(listener);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            listener.Listen(1);
            for (var i = 0; i < 10; i++)
            {
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                sockets.Add(client);
                Assert.Throws<SocketException>(() => client.Connect(new IPEndPoint(IPAddress.Loopback, Port)));
            }
        });
        sockets.ForEach(static socket => socket.Dispose());
    }
}
