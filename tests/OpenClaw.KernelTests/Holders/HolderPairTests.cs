using System.Diagnostics;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// Fills two pools at the same time, each by a program of its own. Neither program may be named for the other's pool.
/// </summary>
public sealed class HolderPairTests : IDisposable
{
    const int Server = 9000;
    const int Ports = 200;
    const int Descriptors = 120;

    /// <summary>The pools that a program alone can fill, each named like its program.</summary>
    static readonly string[] Fillers = ["connect", "udp", "queue", "files", "waits"];

    readonly PrivateNamespace _netns = new();

    public HolderPairTests()
    {
        _netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Ports - 1}");
        _netns.Sysctl("net.ipv4.tcp_max_tw_buckets", "100");
        HolderProgram.Start(_netns, "server", [$"serve {Server} {Server + 1}"]);
    }

    public static TheoryData<string, string> Pairs =>
        [
            .. from first in Fillers
            from second in Fillers
            where string.CompareOrdinal(first, second) < 0
            select new TheoryDataRow<string, string>(first, second),
        ];

    public void Dispose() => _netns.Dispose();

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Each_pool_has_its_own_holder(string first, string second)
    {
        Fill(first);
        Fill(second);

        var findings = Diagnosis
            .Judge(
                _netns.Run(() => KernelReaders.All(new ProcMount(), new("no such process"), worst: 10).SnapshotHere())
            )
            .Findings;

        foreach (var filler in (string[])[first, second])
            AssertHolder(findings, filler);
    }

    void Fill(string filler)
    {
        switch (filler)
        {
            case "connect":
                HolderProgram.Start(_netns, filler, [$"connect {Server} 190"]);
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
            default:
                HolderProgram.Start(_netns, filler, ["listen 9200 200", "close 9200 98"]);
                break;
        }
    }

    static void AssertHolder(IEnumerable<Finding> findings, string filler)
    {
        var (pool, protocol, name) = filler switch
        {
            "connect" => (PoolCatalogue.EphemeralConnectPorts, "tcp", filler),
            "udp" => (PoolCatalogue.EphemeralBindPorts, "udp", filler),
            "queue" => (PoolCatalogue.AcceptQueueConnections, "", filler),
            "files" => (PoolCatalogue.ProcessFileDescriptors, "", filler),
            _ => (PoolCatalogue.TimeWaitSockets, "", "connections to 127.0.0.1:9200"),
        };
        var worst = findings.First(finding =>
            finding.Pool == pool && (protocol.Length == 0 || finding.Level.Labels[0] == protocol)
        );
        Assert.True(worst.Condition >= PoolCondition.Warning, $"{pool.Name} is {worst.Condition}");
        Assert.NotEmpty(worst.Holders.Worst);
        Assert.Equal(
            name,
            worst.Holders.Worst[0] is { Process: { } process } ? process.Name : worst.Holders.Worst[0].Name
        );
    }
}
