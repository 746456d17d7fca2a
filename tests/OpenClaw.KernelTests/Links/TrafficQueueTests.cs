using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace OpenClaw.KernelTests;

public partial class TrafficQueueTests
{
    const int Packets = 200;

    [Fact]
    [Provokes("qdisc_drops_total", "qdisc_overlimits_total", "qdisc_backlog_bytes")]
    public void A_limit_below_the_root_shows_as_tc_shows_it()
    {
        using var netns = new PrivateNamespace();
        MakeVeth(netns);
        Tc(netns, "qdisc add dev v0 root handle 1: htb default 10");
        Tc(netns, "class add dev v0 parent 1: classid 1:1 htb rate 100kbit");
        Tc(netns, "class add dev v0 parent 1:1 classid 1:10 htb rate 80kbit burst 2k cburst 2k");
        Tc(netns, "qdisc add dev v0 parent 1:10 handle 10: tbf rate 8kbit burst 2k limit 6k");
        var before = Read(netns).Drops;
        Assert.All(before.Values, static drops => Assert.Equal(0, drops));

        Send(netns);

        var (drops, overlimits, backlog, shown) = ReadWithTc(netns);
        const string tbf = "v0 tbf 10: 1:10",
            leaf = "v0 htb 1:10 1:1",
            inner = "v0 htb 1:1 root",
            root = "v0 htb 1: root";
        foreach (var (queue, values) in shown)
            Assert.Equal(values, (drops[queue], overlimits[queue], backlog[queue]));
        Assert.Equal(new[] { tbf, leaf, inner, root }.Order(), drops.Keys.Order());

        // A dropped packet counts at each level above it; throttling counts only at its own level.
        Assert.InRange(drops[tbf], Packets - 20, Packets);
        Assert.Equal(drops[tbf], drops[leaf]);
        Assert.Equal(drops[tbf], drops[root]);
        Assert.True(overlimits[tbf] >= drops[tbf]);
        Assert.True(
            overlimits[root] < 10,
            $"the root counts {overlimits[root]} overlimits, so it would show a limit below"
        );
        Assert.True(backlog[tbf] > 0);
    }

    /// <summary>A class' built-in qdisc is in no dump, so only the class reports its drops.</summary>
    [Fact]
    public void A_class_shows_the_drops_of_a_queue_that_tc_hides()
    {
        using var netns = new PrivateNamespace();
        MakeVeth(netns);
        netns.Batch("link set v0 txqueuelen 5");
        Tc(netns, "qdisc add dev v0 root handle 1: htb default 10");
        Tc(netns, "class add dev v0 parent 1: classid 1:10 htb rate 8kbit burst 2k cburst 2k");
        Tc(netns, "class add dev v0 parent 1: classid 1:20 htb rate 8kbit");

        Send(netns);

        var (drops, _, _, shown) = ReadWithTc(netns);
        foreach (var (queue, values) in shown)
            Assert.Equal(values.Drops, drops[queue]);
        Assert.InRange(drops["v0 htb 1:10 root"], Packets - 20, Packets);
        Assert.Equal(0, drops["v0 htb 1:20 root"]);
    }

    [Fact]
    public void Dropping_queues_are_shown_among_many()
    {
        using var netns = new PrivateNamespace();
        MakeVeth(netns);
        netns.Batch("link set v0 txqueuelen 5");
        Tc(netns, "qdisc add dev v0 root handle 1: htb default 30");
        for (var i = 10; i <= 40; i++)
            Tc(netns, $"class add dev v0 parent 1: classid 1:{i} htb rate 8kbit burst 2k cburst 2k");

        Send(netns);

        var (drops, overlimits, backlog) = Read(netns);
        Assert.Equal(6, drops.Count);
        Assert.Equal(drops.Keys, overlimits.Keys);
        Assert.Equal(drops.Keys, backlog.Keys);
        Assert.Equal(
            ["v0 htb 1: root", "v0 htb 1:30 root"],
            drops.Where(static queue => queue.Value > 0).Select(static queue => queue.Key).Order()
        );
    }

    static (
        Dictionary<string, double> Drops,
        Dictionary<string, double> Overlimits,
        Dictionary<string, double> Backlog
    ) Read(PrivateNamespace netns)
    {
        var snapshot = netns.SnapshotOf("network_interfaces", "traffic_queues");
        return (
            snapshot.Symptom("qdisc_drops_total"),
            snapshot.Symptom("qdisc_overlimits_total"),
            snapshot.Symptom("qdisc_backlog_bytes")
        );
    }

    /// <summary>Reads the exporter between two equal outputs of tc, since queues drain meanwhile.</summary>
    static (
        Dictionary<string, double> Drops,
        Dictionary<string, double> Overlimits,
        Dictionary<string, double> Backlog,
        Dictionary<string, (double Drops, double Overlimits, double Backlog)> Shown
    ) ReadWithTc(PrivateNamespace netns)
    {
        while (true)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var before = Shown(netns);
            var (drops, overlimits, backlog) = Read(netns);
            if (before.SequenceEqual(Shown(netns)))
                return (drops, overlimits, backlog, before.ToDictionary());
        }
    }

    static SortedDictionary<string, (double Drops, double Overlimits, double Backlog)> Shown(PrivateNamespace netns)
    {
        var queues = new SortedDictionary<string, (double, double, double)>(StringComparer.Ordinal);
        foreach (Match queue in Queue().Matches(Tc(netns, "-s qdisc show dev v0") + Tc(netns, "-s class show dev v0")))
        {
            var kind = queue.Groups["kind"].Value;
            var parent = queue.Groups["parent"].Value is { Length: > 0 } below ? below : "root";
            queues.Add(
                $"v0 {kind} {queue.Groups["handle"].Value} {parent}",
                (Number("drops"), Number("over"), Number("backlog"))
            );

            double Number(string group) => double.Parse(queue.Groups[group].Value, CultureInfo.InvariantCulture);
        }

        return queues;
    }

    static void MakeVeth(PrivateNamespace netns)
    {
        _ = InstalledProgram.Find("tc");
        netns.MakeVeth();
        netns.Sysctl("net.ipv6.conf.v0.disable_ipv6", "1");
    }

    static string Tc(PrivateNamespace netns, string arguments) => netns.Command("tc", arguments.Split(' '));

    static void Send(PrivateNamespace netns) =>
        netns.Run(static () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.SendBufferSize = 1 << 20;
            for (var i = 0; i < Packets; i++)
            {
                try
                {
                    socket.SendTo(new byte[900], new IPEndPoint(IPAddress.Parse("10.9.0.2"), 9));
                }
                catch (SocketException error) when (error.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
                {
                    // The kernel reports the drop to the sender.
                }
            }
        });

    [GeneratedRegex(
        @"^(qdisc|class) (?<kind>\w+) (?<handle>\S+) (dev v0 )?(root|parent (?<parent>\S+)).*\n"
            + @" Sent .*dropped (?<drops>\d+), overlimits (?<over>\d+).*\n backlog (?<backlog>\d+)b",
        RegexOptions.Multiline
    )]
    private static partial Regex Queue();
}
