using System.Text.RegularExpressions;
using OpenClaw.Exporter.Pools;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Procfs;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

/// <summary>A machine of fixtures on which any pool can be filled to any part.</summary>
sealed class FilledMachine : IDisposable
{
    const int Limit = 1000;

    /// <summary>The range of <see cref="FixtureProc"/>.</summary>
    const int Ports = 100;

    readonly FixtureProc _proc = new();
    readonly List<byte[]> _sockets = [];
    long _timeWait, _orphans, _tcpPages, _udpPages;

    /// <summary>The pools that fixtures can fill without filling another.</summary>
    public static IEnumerable<string> Pools =>
    [
        "ephemeral_connect_ports", "ephemeral_bind_ports", "process_file_descriptors", "system_file_descriptors", "conntrack_entries",
        "time_wait_sockets", "orphan_sockets", "tcp_memory_bytes", "udp_memory_bytes", "neighbour_entries",
    ];

    /// <summary>Fills a pool to a part of its limit.</summary>
    public void Fill(string pool, double ratio)
    {
        var used = (long)(ratio * Limit);
        switch (pool)
        {
            case "ephemeral_connect_ports":
                AddConnections((int)(ratio * Ports), static _ => "192.0.2.1:443");
                break;
            case "ephemeral_bind_ports":
                // Each port to a destination of its own: bind() lacks them, connect() does not.
                AddConnections((int)(ratio * Ports), static port => $"192.0.2.{100 + (port % 100)}:443");
                break;
            case "process_file_descriptors":
                _proc.AddProcess(12, "leaky", "leaky\0", (int)(ratio * Ports), $"{Ports}");
                break;
            case "system_file_descriptors":
                _proc["sys/fs/file-nr"] = $"{used}\t0\t{Limit}\n";
                break;
            case "conntrack_entries":
                _proc["sys/net/netfilter/nf_conntrack_count"] = $"{used}\n";
                _proc["sys/net/netfilter/nf_conntrack_max"] = $"{Limit}\n";
                break;
            case "time_wait_sockets":
                _timeWait = used;
                break;
            case "orphan_sockets":
                _orphans = used;
                break;
            case "tcp_memory_bytes":
                _tcpPages = used;
                break;
            case "udp_memory_bytes":
                _udpPages = used;
                break;
            case "neighbour_entries":
                _proc["sys/net/ipv4/neigh/default/gc_thresh3"] = $"{Limit}\n";
                _proc["thread-self/net/stat/arp_cache"] = $"entries  table_fulls\n{used:x8} 00000000\n";
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(pool), pool, null);
        }
    }

    /// <summary>Adds a process that is watched.</summary>
    public void AddProcess(int pid, string name) => _proc.AddProcess(pid, name, "openclaw\0", 3, "1024");

    /// <summary>Gives a file below /proc another text.</summary>
    public void Write(string file, string text) => _proc[file] = text;

    /// <summary>Reads and judges it.</summary>
    /// <param name="earlier">What was there a while ago.</param>
    /// <param name="more">Readers of other things than the kernel.</param>
    public async Task<Diagnosis> DiagnoseAsync(Diagnosis? earlier = null, params IEnumerable<Reader> more)
    {
        _proc["sys/net/ipv4/tcp_max_tw_buckets"] = $"{Limit}\n";
        _proc["sys/net/ipv4/tcp_max_orphans"] = $"{Limit}\n";
        _proc["sys/net/ipv4/tcp_mem"] = $"1\t2\t{Limit}\n";
        _proc["sys/net/ipv4/udp_mem"] = $"1\t2\t{Limit}\n";
        _proc["thread-self/net/sockstat"] = $"sockets: used 0\nTCP: inuse 0 orphan {_orphans} tw {_timeWait} alloc 0 mem {_tcpPages}\nUDP: inuse 0 mem {_udpPages}\n";
        Reading<byte[]>[] dump = [.. _sockets.Select(static datagram => (Reading<byte[]>)datagram), FakeKernel.Done()];
        var readers = KernelReaders.All(new ProcMount(_proc.Root), new Regex("openclaw"), 10, _proc.Root, _ => new FakeKernel((type, _) =>
            type == LinuxInetDiag.TCPDIAG_GETSOCK ? dump : [FakeKernel.Done()]));

        // The log is that of the real kernel, whatever the fixtures.
        readers = readers.RemoveAll(static reader => reader.Name == "kernel_log");
        return Diagnosis.Of(
            await new Sampler(readers.AddRange(more), TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(30)), earlier: earlier?.SymptomLevels);
    }

    public void Dispose() => _proc.Dispose();

    void AddConnections(int ports, Func<int, string> destination)
    {
        // Ports that are taken already count for bind() as they are.
        for (var port = _sockets.Count; port < ports; port++)
            _sockets.Add(FakeKernel.Socket(TcpState.Established, $"10.0.0.1:{40000 + port}", destination(port)));
    }
}
