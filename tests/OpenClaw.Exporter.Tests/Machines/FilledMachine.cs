using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>A machine of fixtures on which any pool can be filled to any share of its limit.</summary>
sealed class FilledMachine : IFilledMachine, IDisposable
{
    const int Limit = Scenario.Limit;

    /// <summary>The watched process of <see cref="FixtureProc"/>, and its cgroup where it is the daemon.</summary>
    const int Watched = 4711;
    const ulong DaemonCgroup = 77;

    readonly FixtureProc _proc;
    readonly List<byte[]> _listeners = [];
    readonly List<byte[]> _sockets = [];
    readonly List<byte[]> _datagrams = [];
    int _ports;

    /// <summary>A quiet machine.</summary>
    /// <param name="folder">The folder for its files; null for a new folder with any name.</param>
    public FilledMachine(string? folder = null) => _proc = new(folder);

    /// <summary>The folder with its files.</summary>
    public string Root => _proc.Root;

    /// <summary>
    /// All pools. Each can be filled without another, with one exception: a destination that takes all ports leaves
    /// none for bind().
    /// </summary>
    public static IEnumerable<string> Pools => PoolCatalogue.All.Select(static pool => pool.Name);

    /// <inheritdoc/>
    public int Ports => 100;

    /// <inheritdoc/>
    public long TimeWait { get; set; }

    /// <inheritdoc/>
    public long Orphans { get; set; }

    /// <inheritdoc/>
    public long TcpPages { get; set; }

    /// <inheritdoc/>
    public long UdpPages { get; set; }

    /// <inheritdoc/>
    public double BridgePorts { get; set; }

    /// <inheritdoc/>
    public int TranslatedPorts { get; set; }

    /// <summary>The error of every request by nfnetlink; 0 for none.</summary>
    public int NetfilterError { get; set; }

    /// <inheritdoc/>
    public int DaemonConnections { get; set; }

    /// <summary>Fills a pool to a share of its limit.</summary>
    public void Fill(string pool, double ratio) =>
        Scenario.All.Single(scenario => scenario.Pool == pool).Fill(this, ratio);

    /// <summary>Adds a watched process.</summary>
    public void AddProcess(int pid, string name, int descriptors = 3) =>
        AddProcess(pid, name, "openclaw\0", descriptors, "1024");

    /// <inheritdoc/>
    public void AddProcess(int pid, string name, string commandLine, int descriptors, string softLimit) =>
        _proc.AddProcess(pid, name, commandLine, descriptors, softLimit);

    /// <summary>Adds TCP sockets, as inet_diag shows them.</summary>
    public void AddSockets(params IEnumerable<byte[]> sockets) => _sockets.AddRange(sockets);

    /// <summary>Adds UDP sockets over IPv4, as inet_diag shows them.</summary>
    public void AddDatagramSockets(params IEnumerable<byte[]> sockets) => _datagrams.AddRange(sockets);

    /// <inheritdoc/>
    public void Write(string file, string? text) => _proc[file] = text;

    /// <summary>Samples and diagnoses the machine.</summary>
    /// <param name="earlier">The diagnosis from a while ago, for the rise of counters.</param>
    /// <param name="more">Readers of other sources than the kernel.</param>
    public async Task<Diagnosis> DiagnoseAsync(Diagnosis? earlier = null, params IEnumerable<Reader> more) =>
        Diagnosis.Judge(
            await new Sampler(Readers().AddRange(more), TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(30)),
            earlier: earlier?.Timeline
        );

    /// <summary>
    /// Writes the files of the filled pools and creates readers of the machine. None asks the real kernel: there is no
    /// reader of the kernel's log, and the interfaces are scripted.
    /// </summary>
    public ImmutableArray<Reader> Readers()
    {
        _proc["sys/net/ipv4/tcp_max_tw_buckets"] = $"{Limit}\n";
        _proc["sys/net/ipv4/tcp_max_orphans"] = $"{Limit}\n";
        _proc["sys/net/ipv4/tcp_mem"] = $"1\t2\t{Limit}\n";
        _proc["sys/net/ipv4/udp_mem"] = $"1\t2\t{Limit}\n";
        _proc["thread-self/net/sockstat"] =
            $"sockets: used 0\nTCP: inuse 0 orphan {Orphans} tw {TimeWait} alloc 0 mem {TcpPages}\nUDP: inuse 0 "
            + $"mem {UdpPages}\n";
        var daemon = Enumerable
            .Range(0, DaemonConnections)
            .Select(static i =>
                FakeKernel.Socket(TcpState.Established, "10.0.0.1:443", $"192.0.2.1:{1024 + i}", cgroup: DaemonCgroup)
            );
        Reading<byte[]>[] dump =
        [
            .. _listeners.Concat(_sockets).Concat(daemon).Select(static datagram => (Reading<byte[]>)datagram),
            FakeKernel.Done(),
        ];
        Reading<byte[]>[] datagrams =
        [
            .. _datagrams.Select(static datagram => (Reading<byte[]>)datagram),
            FakeKernel.Done(),
        ];
        var readers = KernelReaders.All(
            new ProcMount(_proc.Root),
            new Regex("openclaw"),
            10,
            _proc.Root,
            _ => new FakeKernel(
                (type, family, protocol) =>
                    (type, family, protocol) switch
                    {
                        (LinuxInetDiag.TCPDIAG_GETSOCK, _, _) => dump,
                        (_, SysSocket.AF_INET, SysSocket.IPPROTO_UDP) => datagrams,
                        _ => [FakeKernel.Done()],
                    }
            ),
            openRoute: static _ => new FakeKernel(static (_, _) => [FakeKernel.Done()]),
            openNetfilter: _ => TranslatedConnections.Kernel(TranslatedPorts, Limit, NetfilterError)
        );

        readers = readers
            .RemoveAll(static reader =>
                reader.Name is "kernel_log" or "network_interfaces" or "bridge_forwarding" or "traffic_queues"
            )
            .Add(new FunctionReader<NetworkInterfaces>("network_interfaces", "", _ => Interfaces()))
            .Add(
                new FunctionReader<BridgeForwarding>("bridge_forwarding", "", static _ => new BridgeForwarding(
                    ImmutableDictionary<int, long>.Empty
                ))
            )
            .Add(new FunctionReader<TrafficQueues>("traffic_queues", "", static _ => new TrafficQueues([])));
        return DaemonConnections == 0
            ? readers
            : readers
                .RemoveAll(static reader => reader.Name == "watched_cgroups")
                .Add(
                    new FunctionReader<WatchedCgroups>("watched_cgroups", "", static _ => new WatchedCgroups(
                        new[] { KeyValuePair.Create(Watched, (Reading<ulong>)DaemonCgroup) }.ToImmutableDictionary()
                    ))
                )
                .Add(
                    new FunctionReader<ConnectionLimits>("connection_limits", "", static _ => new ConnectionLimits([
                        new([DaemonCgroup], Limit),
                    ]))
                )
                .Add(
                    new FunctionReader<ServiceConfiguration>(
                        "service_configuration",
                        "",
                        static _ => new ServiceConfiguration([new("daemon", Limit, null)], null)
                    )
                );
    }

    public void Dispose() => _proc.Dispose();

    /// <inheritdoc/>
    public void AddConnections(int ports, Func<int, string> destination)
    {
        // A used port already counts for bind().
        for (; _ports < ports; _ports++)
            _sockets.Add(FakeKernel.Socket(TcpState.Established, $"10.0.0.1:{40000 + _ports}", destination(_ports)));
    }

    /// <inheritdoc/>
    public void AddListener(string address, long waiting, long backlog) =>
        _listeners.Add(FakeKernel.Socket(TcpState.Listen, address, received: (uint)waiting, sent: (uint)backlog));

    NetworkInterfaces Interfaces() =>
        new([
            new(1, "lo", "", "", 0, 0, 0),
            new(2, "br0", "bridge", "", 0, 0, 0),
            .. Enumerable
                .Range(3, (int)Math.Ceiling(BridgePorts * NetworkInterfaces.BridgePortLimit))
                .Select(static i => new NetworkInterface(i, $"veth{i}", "veth", "bridge", 2, 0, 0)),
        ]);
}
