using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Neighbours;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// Fills pools of one network namespace, each by a program, a peer or a namespace of its own. Limits of the machine are
/// out of reach, so the readers get lower ones. The counts are the kernel's.
/// </summary>
sealed class PoolFillers : IDisposable
{
    /// <summary>The ports of the server. Each filler has one of its own.</summary>
    const int Connect = 9000,
        Orphans = 9001,
        TcpData = 9002,
        Service = 9003,
        Queue = 9100,
        Waits = 9200;

    const int Ports = 200;
    const int Descriptors = 120;
    const int BridgePorts = 20;
    const int Neighbours = 60;

    /// <summary>The filler of a service whose connections also have data that nobody reads.</summary>
    public const string DaemonWithData = "daemon with data";

    const string SourceOfMost = "127.0.1.1";
    const string SourceOfTranslated = "127.0.1.2";

    /// <summary>
    /// The limits of the machine, which no test may reach: four orphans, and a page of data of each protocol.
    /// </summary>
    static readonly SocketLimits Limits = new(1000, 4, 1, 1);

    static readonly string Daemon = string.Create(CultureInfo.InvariantCulture, $"pair{Environment.ProcessId}");

    readonly PrivateNamespace _netns = new();
    readonly TemporaryFolder _folder = new();
    readonly List<IDisposable> _others = [];
    ulong? _farEnds;

    public PoolFillers()
    {
        _netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Ports - 1}");
        _netns.Sysctl("net.ipv4.tcp_max_tw_buckets", "100");
        HolderProgram.Start(_netns, "server", [$"serve {Connect} {Service}"]);
    }

    /// <summary>The pools that can be filled, each named like its holder where that is a program.</summary>
    public static ImmutableArray<string> All { get; } =
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
        "conntrack",
        "snat",
        "bridge",
        "neighbours",
        "daemon",
    ];

    public void Dispose()
    {
        // The processes end with the namespace, and the cgroup can be removed after them.
        _netns.Dispose();
        foreach (var other in _others)
            other.Dispose();
        _folder.Dispose();
    }

    /// <summary>Fills a pool.</summary>
    public void Fill(string filler)
    {
        switch (filler)
        {
            case "connect":
                HolderProgram.Start(_netns, filler, [$"connect {Connect} 190"]);
                break;
            case "bind":
                HolderProgram.Start(_netns, filler, ["bind tcp 160"]);
                break;
            case "udp":
                HolderProgram.Start(_netns, filler, ["bind udp 190"]);
                break;
            case "queue":
                var listener = HolderProgram.Start(_netns, filler, [$"listen {Queue} 9"]);
                using (var stop = ChildProcess.Start(new("kill", ["-STOP", $"{listener.Id}"])))
                    stop.WaitForExit();
                HolderProgram.Start(_netns, "client", [$"connect {Queue} 10"]);
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
                HolderProgram.Start(_netns, filler, [$"listen {Waits} 200", $"close {Waits} 98"]);
                break;
            case "orphans":
                Orphan();
                break;
            case "tcpdata":
                HolderProgram.Start(_netns, filler, [$"connect {TcpData} 2", "fill 2 1000000"]);
                break;
            case "udpdata":
                HolderProgram.Start(_netns, filler, ["udp 7100"]);
                HolderProgram.Start(_netns, "sender", ["send 7100 3000"]);
                break;
            case "conntrack":
                Nft("add table ip c; add chain ip c o { type filter hook output priority 0; }");
                Nft("add rule ip c o ct state new counter");
                HolderProgram.Start(_netns, filler, [$"flows {SourceOfMost} 600 7200"]);
                break;
            case "snat":
                TranslatedPeers.Translate(_netns, "udp", "7300");
                HolderProgram.Start(_netns, filler, [$"flows {SourceOfTranslated} {TranslatedPeers.Ports} 7300"]);
                break;
            case "bridge":
                Bridge();
                break;
            case "neighbours":
                _netns.MakeVeth();
                _netns.Batch(
                    Enumerable
                        .Range(10, Neighbours)
                        .Select(static i => $"neigh add 10.9.0.{i} lladdr 02:00:00:00:00:01 dev v0 nud stale")
                );
                break;
            default:
                var cgroup = new PrivateCgroup("of a pair");
                _others.Add(cgroup);
                string[] data = filler == DaemonWithData ? ["fill 9 1000000"] : [];
                HolderProgram.Start(_netns, $"openclaw-{Daemon}", [$"connect {Service} 9", .. data], cgroup.Prefix);
                _folder.Write($"{Daemon}.yml", "network:\n  max_connections: 10\n");
                break;
        }
    }

    /// <summary>
    /// Reads the namespace, without the programs in the kernel that count refused calls: to detach them takes long.
    /// </summary>
    /// <param name="farEnds">True to read, instead of the namespace's own pools, the far ends of its links.</param>
    public Snapshot Look(bool farEnds = false)
    {
        var readers = KernelReaders.All(
            new ProcMount(),
            new($"openclaw-{Daemon}"),
            worst: 10,
            namespaces: farEnds ? new($"{_farEnds}") : null
        );
        ImmutableArray<Reader> all =
        [
            .. readers.Where(static reader => reader.Name is not ("neighbour_tables" or "refused_connects")),
            NeighboursBesideLimit(),
            new ServiceConfigurationReader([_folder.PathOf("*.yml")]),
            new ConnectionLimitsReader(),
        ];
        return _netns.Run(() =>
        {
            var tracked = ConntrackTable.Read(new ProcMount()).Value.Count;
            return all.SnapshotHere(known: [Limits, new ConntrackTable(tracked, Math.Max(tracked, 1))]);
        });
    }

    /// <summary>Returns the pool of a filler, and the subject of its level; empty where it has only one.</summary>
    public static (Pool Pool, string Subject) PoolOf(string filler) =>
        filler switch
        {
            "connect" => (PoolCatalogue.EphemeralConnectPorts, "tcp"),
            "bind" => (PoolCatalogue.EphemeralBindPorts, "tcp"),
            "udp" => (PoolCatalogue.EphemeralBindPorts, "udp"),
            "queue" => (PoolCatalogue.AcceptQueueConnections, $"127.0.0.1:{Queue}"),
            "files" => (PoolCatalogue.ProcessFileDescriptors, filler),
            "waits" => (PoolCatalogue.TimeWaitSockets, ""),
            "orphans" => (PoolCatalogue.OrphanSockets, ""),
            "tcpdata" => (PoolCatalogue.TcpMemoryBytes, ""),
            "udpdata" => (PoolCatalogue.UdpMemoryBytes, ""),
            "conntrack" => (PoolCatalogue.ConntrackEntries, ""),
            "snat" => (PoolCatalogue.SourcePorts, ""),
            "bridge" => (PoolCatalogue.BridgePorts, "br0"),
            "neighbours" => (PoolCatalogue.NeighbourEntries, "ipv4"),
            _ => (PoolCatalogue.DaemonConnections, Daemon),
        };

    /// <summary>Returns the name of a filler's holder; that of its process where it has one.</summary>
    public string HolderOf(string filler) =>
        filler switch
        {
            "waits" => $"connections to 127.0.0.1:{Waits}",
            "orphans" => $"closed connections to 127.0.0.1:{Orphans}",
            "conntrack" => $"connections from {SourceOfMost} (this machine itself)",
            "snat" => $"connections from {SourceOfTranslated} (this machine itself)",
            "bridge" => $"network namespace {_farEnds}",
            "neighbours" => "interface v0",
            "daemon" => $"openclaw-{Daemon}",
            _ => filler,
        };

    /// <summary>Makes orphans: the process has ended, and its peer does not acknowledge.</summary>
    void Orphan()
    {
        Nft(
            $"add table ip t; add chain ip t i {{ type filter hook input priority 0; }}; "
                + $"add rule ip t i tcp dport {Orphans} tcp flags & fin == fin drop"
        );
        var closing = HolderProgram.Start(_netns, "orphans", [$"connect {Orphans} 20"]);
        closing.StandardInput.Close();
        closing.WaitForExit();
    }

    /// <summary>Makes a bridge whose ports lead to another namespace.</summary>
    void Bridge()
    {
        var far = new PrivateNamespace();
        _others.Add(far);
        var inside = far.Start(new("sleep", ["600"]));
        _farEnds = far.Run(static () => FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode);
        _netns.Batch([
            "link add br0 type bridge",
            .. Enumerable
                .Range(0, BridgePorts)
                .SelectMany(i =>
                    new[] { $"link add a{i} type veth peer name b{i} netns {inside.Id}", $"link set a{i} master br0" }
                ),
        ]);
    }

    /// <summary>
    /// Returns a reader of the namespace's entries, which the machine's tables would not show here, beside a limit.
    /// </summary>
    NeighbourTablesReader NeighboursBesideLimit()
    {
        _folder.Write("thread-self/net/stat/arp_cache", $"entries  table_fulls\n{Neighbours + 1:x8} 00000000\n");
        _folder.Write("sys/net/ipv4/neigh/default/gc_thresh3", $"{Neighbours}\n");
        return new(new ProcMount(_folder.PathOf("")), KernelReaders.OpenRoute, wholeHost: false);
    }

    void Nft(string commands) => _netns.Command(InstalledProgram.Find("nft"), commands);
}
