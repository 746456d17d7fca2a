using System.Diagnostics;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// Fills two pools at the same time, each by a program of its own. Neither program may be named for the other's pool.
/// </summary>
[Collection(WholeMachine.Name)]
public sealed class HolderPairTests : IDisposable
{
    const int Server = 9000;
    const int Ports = 200;
    const int Descriptors = 120;

    /// <summary>
    /// The limits of the machine, which no test may reach: four orphans, and a page of data of each protocol.
    /// </summary>
    static readonly SocketLimits Limits = new(1000, 4, 1, 1);

    /// <summary>The pools that a test can fill, each named like its program.</summary>
    static readonly string[] Fillers =
    [
        "connect",
        "bind",
        "udp",
        "queue",
        "files",
        "waits",
        "orphans",
        "tcpdata",
        "udpdata",
    ];

    /// <summary>
    /// Pools of the same ports. Ports that are bound are free for no connection, so that only one of the two fills.
    /// </summary>
    static readonly string[] Exclusive = ["bind connect", "bind waits"];

    readonly PrivateNamespace _netns = new();

    public HolderPairTests()
    {
        _netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Ports - 1}");
        _netns.Sysctl("net.ipv4.tcp_max_tw_buckets", "100");
        HolderProgram.Start(_netns, "server", [$"serve {Server} {Server + 2}"]);
    }

    public static TheoryData<string, string> Pairs =>
        [
            .. from first in Fillers
            from second in Fillers
            where string.CompareOrdinal(first, second) < 0 && !Exclusive.Contains($"{first} {second}")
            select new TheoryDataRow<string, string>(first, second),
        ];

    public void Dispose() => _netns.Dispose();

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Each_pool_has_its_own_holder(string first, string second)
    {
        Fill(first);
        Fill(second);

        var snapshot = _netns.Run(() =>
            KernelReaders.All(new ProcMount(), new("no such process"), worst: 10).SnapshotHere(known: Limits)
        );

        var findings = Diagnosis.Judge(snapshot).Findings;
        foreach (var filler in (string[])[first, second])
        {
            if (MachinePoolOf(filler) is { } pool)
                AssertFirst(filler, pool.HoldersOf(snapshot.WholeMachine, new(1, 1, WholeSubject.Only)));
            else
                AssertHolder(findings, filler);
        }
    }

    void Fill(string filler)
    {
        switch (filler)
        {
            case "connect":
                HolderProgram.Start(_netns, filler, [$"connect {Server} 190"]);
                break;
            case "bind":
                HolderProgram.Start(_netns, filler, ["bind tcp 160"]);
                break;
            case "udp":
                HolderProgram.Start(_netns, filler, ["bind udp 190"]);
                break;
            case "queue":
                var listener = HolderProgram.Start(_netns, filler, ["listen 9100 9"]);
                using (var stop = Process.Start("kill", ["-STOP", $"{listener.Id}"]))
                    stop.WaitForExit();
                HolderProgram.Start(_netns, "client", ["connect 9100 10"]);
                break;
            case "files":
                HolderProgram.Start(
                    _netns,
                    filler,
                    ["files 110"],
                    [
                        InstalledProgram.Find("prlimit"),
                        string.Create(CultureInfo.InvariantCulture, $"--nofile={Descriptors}"),
                    ]
                );
                break;
            case "waits":
                HolderProgram.Start(_netns, filler, ["listen 9200 200", "close 9200 98"]);
                break;
            case "orphans":
                Orphan();
                break;
            case "tcpdata":
                HolderProgram.Start(_netns, filler, [$"connect {Server + 2} 2", "fill 2 1000000"]);
                break;
            default:
                HolderProgram.Start(_netns, filler, ["udp 7000"]);
                HolderProgram.Start(_netns, "sender", ["send 7000 3000"]);
                break;
        }
    }

    /// <summary>Makes orphans: the process has ended, and its peer does not acknowledge.</summary>
    void Orphan()
    {
        _netns.Command(
            InstalledProgram.Find("nft"),
            $"add table ip t; add chain ip t i {{ type filter hook input priority 0; }}; "
                + $"add rule ip t i tcp dport {Server + 1} tcp flags & fin == fin drop"
        );
        var closing = HolderProgram.Start(_netns, "orphans", [$"connect {Server + 1} 20"]);
        closing.StandardInput.Close();
        closing.WaitForExit();
    }

    static Pool? MachinePoolOf(string filler) =>
        filler switch
        {
            "orphans" => PoolCatalogue.OrphanSockets,
            "tcpdata" => PoolCatalogue.TcpMemoryBytes,
            "udpdata" => PoolCatalogue.UdpMemoryBytes,
            _ => null,
        };

    static void AssertFirst(string filler, LevelHolders holders)
    {
        var name = filler switch
        {
            "waits" => "connections to 127.0.0.1:9200",
            "orphans" => $"closed connections to 127.0.0.1:{Server + 1}",
            _ => filler,
        };
        Assert.NotEmpty(holders.Worst);
        Assert.Equal(name, holders.Worst[0] is { Process: { } process } ? process.Name : holders.Worst[0].Name);
    }

    /// <summary>Other processes of the machine may be near their limits, too.</summary>
    static void AssertHolder(IEnumerable<Finding> findings, string filler)
    {
        var (pool, subject) = filler switch
        {
            "connect" => (PoolCatalogue.EphemeralConnectPorts, "tcp"),
            "bind" => (PoolCatalogue.EphemeralBindPorts, "tcp"),
            "udp" => (PoolCatalogue.EphemeralBindPorts, "udp"),
            "queue" => (PoolCatalogue.AcceptQueueConnections, "127.0.0.1:9100"),
            "files" => (PoolCatalogue.ProcessFileDescriptors, filler),
            _ => (PoolCatalogue.TimeWaitSockets, ""),
        };
        var worst = findings.First(finding =>
            finding.Pool == pool && (subject.Length == 0 || finding.Level.Labels[0] == subject)
        );
        Assert.True(worst.Condition >= PoolCondition.Warning, $"{pool.Name} is {worst.Condition}");
        AssertFirst(filler, worst.Holders);
    }
}
