using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.KernelTests;

public class PagingTests(ITestOutputHelper output)
{
    const int Range = 200;
    const string Pool = "ephemeral_connect_ports";

    static readonly IPEndPoint Destination = new(IPAddress.Loopback, 8080);

    /// <summary>The rule's delay before it fires and before it resolves, plus a margin for a slow machine.</summary>
    static readonly TimeSpan PageTimeout = TimeSpan.FromSeconds(75);
    static readonly TimeSpan RefusalTimeout = TimeSpan.FromMinutes(3);
    static readonly TimeSpan ResolveTimeout = TimeSpan.FromSeconds(105);

    /// <summary>
    /// The whole chain, from the kernel's refusal to the pager and back. Every part is real, and the paging rules are
    /// the shipped ones.
    /// </summary>
    [Fact]
    public async Task Exhausted_ports_page_with_their_destination_and_remedy_and_resolve_when_they_are_free()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Range - 1}");
        using var exporter = await PublishedExporter.StartAsync(netns);
        await using var chain = await AlertingChain.StartAsync(netns);
        using var listener = netns.Run(static () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(Destination);
            socket.Listen(2 * Range);
            return socket;
        });

        using var exhaustion = netns.Run(static () => new PortExhaustion(Destination));
        Assert.Equal(Range, exhaustion.Connections);
        var firing = await chain.NextPageAsync(Pool, PageTimeout);
        output.WriteLine(firing.ToString());

        Assert.Equal("firing", firing.Status);
        Assert.Equal("OpenClawPoolCritical", firing.Labels["alertname"]);
        Assert.Equal("critical", firing.Labels["severity"]);
        Assert.Equal("clw-network-exhausted", firing.Labels["code"]);
        Assert.Equal("127.0.0.1:8080", firing.Labels["subject"]);
        Assert.Equal("self", firing.Labels["netns"]);
        Assert.Equal(
            "ephemeral connect ports 100% used for 127.0.0.1:8080 on 127.0.0.1:10087",
            firing.Annotations["summary"]
        );
        Assert.Equal(PoolCatalogue.All.Single(static pool => pool.Name == Pool).Remedy, firing.Annotations["remedy"]);

        exhaustion.Dispose();
        await chain.EndPagesSoonAsync();
        var resolved = await chain.NextPageAsync(Pool, ResolveTimeout);
        output.WriteLine(resolved.ToString());

        Assert.Equal("resolved", resolved.Status);
        Assert.Equal(firing.Labels, resolved.Labels);
    }

    /// <summary>
    /// The exporter's probe finds calls that the kernel refuses, however empty the pools are, and counts them for the
    /// rules.
    /// </summary>
    [Fact]
    public async Task A_refused_call_pages_though_no_pool_is_full()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Range - 1}");
        using var exporter = await PublishedExporter.StartAsync(netns);
        await using var chain = await AlertingChain.StartAsync(netns);

        netns.Command(
            InstalledProgram.Find("nft"),
            $"add table ip t; add chain ip t i {{ type filter hook input priority 0; }}; add rule ip t i tcp "
                + $"dport 40000-{40000 + Range - 1} tcp flags & (syn|ack) == syn drop"
        );
        var firing = await chain.NextPageAsync(Pool, RefusalTimeout);
        output.WriteLine(firing.ToString());

        Assert.Equal("firing", firing.Status);
        Assert.Equal("OpenClawProbeFailing", firing.Labels["alertname"]);
        Assert.Equal("connect", firing.Labels["operation"]);
        Assert.Equal("critical", firing.Labels["severity"]);
        Assert.Equal("clw-network-exhausted", firing.Labels["code"]);
        Assert.Equal("self", firing.Labels["netns"]);
    }
}
