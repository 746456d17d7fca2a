using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>Address translation with fewer source ports than there are connections to one remote.</summary>
public class SourcePortTests
{
    const int Remote = 8080,
        FirstBystander = 8100,
        Bystanders = 15,
        EachBystander = 2,
        More = 4;

    /// <summary>
    /// The kernel drops each further connection, and counts a drop and a failed insert, in a table that is nearly
    /// empty. A remote with more connections, spread over its ports, has enough.
    /// </summary>
    [Fact]
    [Provokes("snat_ports")]
    public void The_pool_names_the_remote_without_source_ports_and_its_advice_helps()
    {
        using var netns = new PrivateNamespace();
        TranslatedPeers.Translate(netns, "tcp", $"{Remote}-{FirstBystander + Bystanders}");
        Listen(netns, IPAddress.Loopback, Remote);
        for (var i = 0; i < Bystanders; i++)
            Listen(netns, IPAddress.Parse("127.0.0.2"), FirstBystander + i);
        for (var i = 0; i < Bystanders * EachBystander; i++)
            Assert.True(Connect(netns, "127.0.0.2", FirstBystander + (i % Bystanders)));
        for (var i = 0; i < TranslatedPeers.Ports; i++)
            Assert.True(Connect(netns));
        var before = Diagnose(netns);
        Assert.Empty(before.Problems);
        Assert.Equal(Outcome.NotAsked, before.Snapshot.Get<TrackedConnections>().Outcome);

        for (var i = 0; i < More; i++)
            Assert.False(Connect(netns));
        var diagnosis = Diagnose(netns, before.Timeline);

        Assert.Equal(
            [("conntrack_drops_total", More), ("conntrack_insert_failures_total", More)],
            diagnosis.Symptoms.Select(static symptom => (symptom.Symptom.Name, (int)symptom.Increase))
        );
        var problem = Assert.Single(diagnosis.Problems);
        Assert.Equal(
            ("snat_ports", PoolCondition.Critical, Phase.Failing, "20 of 20 (100%)"),
            (problem.Name, problem.Condition, problem.Phase, problem.Evidence)
        );
        Assert.Equal("tcp from 127.0.0.9 to 127.0.0.1:8080", problem.Worst!.Level.Subject);
        Assert.Empty(problem.Others);
        Assert.Equal(2, problem.Effects.Length);
        Assert.Null(problem.Remedy.Command);
        Assert.Contains("a wider range of ports", problem.Remedy.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain("nf_conntrack_max", problem.Remedy.Advice, StringComparison.Ordinal);

        TranslatedPeers.Translate(netns, "tcp", $"{Remote}-{FirstBystander + Bystanders}", ports: 100);

        Assert.True(Connect(netns));
        var after = Diagnose(netns, diagnosis.Timeline);
        Assert.DoesNotContain(after.Problems, static problem => problem.Name == "snat_ports");
        Assert.Contains(after.Findings, static finding => Amount(finding) == ("snat_ports", 21, 100));
    }

    [Fact]
    public void It_is_the_same_from_another_namespace()
    {
        using var netns = new PrivateNamespace();
        using var home = new PrivateNamespace();
        // Without a process, a namespace cannot be found from outside.
        _ = netns.Start(new("sleep", ["600"]));
        var more = TranslatedPeers.Exhaust(netns);
        var inode = netns.Run(static () => FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode);
        var readers = KernelReaders.All(new ProcMount(), new("openclaw"), worst: 10, namespaces: new($"{inode}"));
        Assert.Equal(Outcome.NotAsked, Seen().Outcome);

        netns.Run(more);

        var group = Assert.Single(Seen().Value.Translated.Groups);
        Assert.Equal((TranslatedProtocol.Udp, 20, 20), (group.Protocol, group.Used, group.Limit));

        Reading<TrackedConnections> Seen() =>
            Assert.Single(home.Read<NamespaceSnapshots>(readers).Value.Used).Readings.Get<TrackedConnections>();
    }

    /// <summary>The rules of iptables-legacy cannot be read. The ports in use show the limit.</summary>
    [Theory]
    [InlineData("iptables-legacy", false)]
    [InlineData("iptables-legacy", true)]
    [InlineData("iptables-nft", false)]
    public void Rules_of_iptables_limit_the_pool_as_well(string iptables, bool isRandom)
    {
        using var netns = new PrivateNamespace();
        string[] rule = ["-p", "tcp", "--dport", $"{Remote}", "-j", "SNAT", "--to-source", "127.0.0.9:2000-2019"];
        netns.Command(
            InstalledProgram.Find(iptables),
            ["-t", "nat", "-A", "POSTROUTING", .. rule, .. (string[])(isRandom ? ["--random-fully"] : [])]
        );
        Listen(netns, IPAddress.Loopback, Remote);
        for (var i = 0; i < TranslatedPeers.Ports + More; i++)
            Assert.Equal(i < TranslatedPeers.Ports, Connect(netns));

        Assert.Contains(Diagnose(netns).Findings, static finding => Amount(finding) == ("snat_ports", 20, 20));
    }

    /// <summary>Without a range, the kernel replaces a privileged source port by one of 424 others.</summary>
    [Fact]
    public void Privileged_source_ports_are_few()
    {
        const int ports = 424;
        using var netns = new PrivateNamespace();
        var nft = InstalledProgram.Find("nft");
        netns.Command(nft, "add table ip n; add chain ip n p { type nat hook postrouting priority 100; }");
        netns.Command(nft, $"add rule ip n p tcp dport {Remote} snat to 127.0.0.9");
        Listen(netns, IPAddress.Loopback, Remote);
        for (var i = 0; i < ports + More; i++)
            _ = Connect(netns, source: new(IPAddress.Parse($"127.1.{i / 250}.{1 + (i % 250)}"), 700));

        Assert.Contains(Diagnose(netns).Findings, static finding =>
            finding.Pool == PoolCatalogue.SourcePorts
            && finding.Level.Limit == ports
            && finding.Condition == PoolCondition.Critical
        );
    }

    static (string, int, int) Amount(Finding finding) =>
        (finding.Pool.Name, (int)finding.Level.Used, (int)(finding.Level.Limit ?? 0));

    static void Listen(PrivateNamespace netns, IPAddress address, int port)
    {
        var listener = netns.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1024);
            return socket;
        });
        netns.Attach(listener);
    }

    /// <summary>Opens a connection, which stays open. Returns false where it is not established at once.</summary>
    static bool Connect(
        PrivateNamespace netns,
        string address = "127.0.0.1",
        int port = Remote,
        IPEndPoint? source = null
    ) =>
        netns.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            {
                Blocking = false,
            };
            netns.Attach(socket);
            if (source is not null)
                socket.Bind(source);
            var error = Assert.Throws<SocketException>(() => socket.Connect(IPAddress.Parse(address), port));
            Assert.Equal(SocketError.WouldBlock, error.SocketErrorCode);
            var isConnected = socket.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectWrite);

            // It would try again after a second, and then take a port or be dropped once more.
            if (!isConnected)
                socket.Dispose();
            return isConnected;
        });

    static Diagnosis Diagnose(PrivateNamespace netns, Timeline? earlier = null) =>
        Diagnosis.Judge(
            netns.Run(static () => KernelSampling.SnapshotOf("conntrack", "conntrack_failures", "tracked_connections")),
            earlier: earlier ?? Timeline.Empty
        );
}
