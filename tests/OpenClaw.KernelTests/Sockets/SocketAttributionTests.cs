using System.Net.Sockets;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.KernelTests;

public class SocketAttributionTests
{
    const int Port = 8080;

    [Fact]
    public void Connections_without_keepalive_are_counted_and_those_with_it_are_not()
    {
        using var netns = new PrivateNamespace();
        using var pairs = new ConnectionPairs(netns, Port);
        for (var i = 0; i < 5; i++)
            pairs.Connect();
        Assert.Equal(10, Without());

        foreach (var client in pairs.Clients.Take(3))
            client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);

        Assert.Equal(7, Without());
        Assert.Equal(10, netns.Read<TcpSockets>(KernelSampling.Readers()).Value[TcpState.Established]);

        long Without() => netns.Read<TcpSockets>(KernelSampling.Readers()).Value.EstablishedWithoutKeepalive;
    }

    /// <summary>Processes run in cgroups of the test. The name of one has spaces and quotes.</summary>
    [Fact]
    public void Sockets_are_attributed_to_the_cgroup_of_their_process()
    {
        using var netns = new PrivateNamespace();
        using var one = new PrivateCgroup("a \"quoted\" one");
        using var two = new PrivateCgroup("two");
        one.Listen(netns, 9001, connections: 3);
        two.Listen(netns, 9002, connections: 1);

        var samples = Samples(netns);

        Assert.Equal(6, samples[(one.Path, "established")]);
        Assert.Equal(1, samples[(one.Path, "listen")]);
        Assert.Equal(2, samples[(two.Path, "established")]);
        Assert.Equal(1, samples[(two.Path, "listen")]);
        Assert.Equal(10, samples.Values.Sum());
        Assert.DoesNotContain(samples.Keys, static key => key.State is "close_wait" or "syn_sent");
    }

    [Fact]
    public void Beyond_five_cgroups_the_rest_is_other()
    {
        using var netns = new PrivateNamespace();
        var cgroups = new List<PrivateCgroup>();
        try
        {
            for (var i = 0; i < 12; i++)
            {
                cgroups.Add(new($"many-{i}"));
                cgroups[i].Listen(netns, 9100 + i, connections: i);
            }

            var samples = Samples(netns);

            Assert.Equal(22, samples[(cgroups[11].Path, "established")]);
            Assert.Equal(42, samples[("other", "established")]);
            Assert.Equal(7, samples[("other", "listen")]);
            Assert.DoesNotContain((cgroups[6].Path, "listen"), samples.Keys);
        }
        finally
        {
            cgroups.ForEach(static cgroup => cgroup.Dispose());
        }
    }

    static Dictionary<(string Cgroup, string State), double> Samples(PrivateNamespace netns) =>
        MetricCatalogue
            .All.Single(static family => family.Name == "openclaw_network_cgroup_tcp_sockets")
            .Read(Diagnosis.Judge(netns.SnapshotOf("tcp_sockets", "cgroup_paths")))
            .ToDictionary(static sample => (sample.Labels[0], sample.Labels[1]), static sample => sample.Value);
}
