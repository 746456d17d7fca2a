using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.KernelTests;

/// <summary>Address translation with fewer source ports than there are connections to one remote.</summary>
public class SourcePortTests
{
    const int Ports = 10,
        More = 4;

    /// <summary>
    /// The kernel drops each further connection, and counts a drop and a failed insert, in a table that is nearly
    /// empty.
    /// </summary>
    [Fact]
    public void Connections_without_a_source_port_are_no_matter_of_the_size_of_the_table()
    {
        using var netns = new PrivateNamespace();
        var nft = InstalledProgram.Find("nft");
        netns.Command(nft, "add table ip n; add chain ip n p { type nat hook postrouting priority 100; }");
        netns.Command(nft, $"add rule ip n p tcp dport 8080 snat to 127.0.0.9:2000-{2000 + Ports - 1}");
        using var listener = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
        Assert.Equal(0, listener.Bind(IPAddress.Loopback, 8080));
        listener.Listen();
        Connect(Ports);
        var before = Diagnose(Timeline.Empty);
        Assert.Empty(before.Problems);

        Connect(More);
        var diagnosis = Diagnose(before.Timeline);

        Assert.Equal(
            [("conntrack_drops_total", More), ("conntrack_insert_failures_total", More)],
            diagnosis.Symptoms.Select(static symptom => (symptom.Symptom.Name, (int)symptom.Increase))
        );
        Assert.Equal(2, diagnosis.Problems.Length);
        Assert.All(diagnosis.Problems, static problem =>
        {
            Assert.Null(problem.Remedy.Command);
            Assert.Contains("no free source port towards one remote", problem.Remedy.Advice, StringComparison.Ordinal);
            Assert.DoesNotContain("nf_conntrack_max", problem.Remedy.Advice, StringComparison.Ordinal);
        });

        void Connect(int count) =>
            netns.Run(() =>
            {
                for (var i = 0; i < count; i++)
                {
                    // Without waiting: the first packet decides.
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
                    {
                        Blocking = false,
                    };
                    netns.Attach(socket);
                    Assert.Equal(
                        SocketError.WouldBlock,
                        Assert.Throws<SocketException>(() => socket.Connect(IPAddress.Loopback, 8080)).SocketErrorCode
                    );
                }
            });

        Diagnosis Diagnose(Timeline earlier) =>
            Diagnosis.Judge(
                netns.Run(static () => KernelSampling.SnapshotOf("conntrack", "conntrack_failures")),
                earlier: earlier
            );
    }
}
