namespace OpenClaw.Exporter.Tests;

/// <summary>A procfs tree in a temporary folder, as on a quiet machine. Tests change it file by file.</summary>
sealed class FixtureProc : IDisposable
{
    /// <summary>The utilization of a pool without a file above.</summary>
    const double Quiet = 0.05;

    /// <summary>A quiet machine.</summary>
    /// <param name="folder">The folder of the tree; null for a new folder with any name.</param>
    public FixtureProc(string? folder = null)
    {
        Root = folder is null
            ? Directory.CreateTempSubdirectory("openclaw-proc-").FullName
            : Directory.CreateDirectory(folder).FullName;
        this["sys/net/ipv4/ip_local_port_range"] = "40000\t40099\n";
        this["sys/net/ipv4/ip_local_reserved_ports"] = "\n";
        this["sys/net/ipv4/tcp_tw_reuse"] = "2\n";
        this["sys/net/ipv4/tcp_tw_reuse_delay"] = "1000\n";
        this["sys/net/ipv4/tcp_timestamps"] = "1\n";
        this["sys/net/netfilter/nf_conntrack_count"] = "26\n";
        this["sys/net/netfilter/nf_conntrack_max"] = "262144\n";
        this["sys/kernel/hostname"] = "machine-1\n";
        this["sys/kernel/osrelease"] = "6.18.5\n";
        this["sys/fs/file-nr"] = "308\t0\t2466170\n";
        this["sys/net/core/somaxconn"] = "4096\n";
        this["sys/fs/nr_open"] = "1048576\n";
        this["sys/net/ipv4/tcp_max_tw_buckets"] = "131072\n";
        this["sys/net/ipv4/tcp_max_orphans"] = "65536\n";
        this["sys/net/ipv4/tcp_mem"] = "287898\t383864\t575796\n";
        this["sys/net/ipv4/udp_mem"] = "575796\t767728\t1151592\n";
        this["sys/net/ipv4/neigh/default/gc_thresh3"] = "1024\n";
        this["sys/net/ipv6/neigh/default/gc_thresh3"] = "1024\n";
        this["thread-self/net/sockstat"] =
            "sockets: used 178\nTCP: inuse 5 orphan 2 tw 3 alloc 7 mem 80\nUDP: inuse 1 mem 4\n";
        this["thread-self/net/netstat"] = "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 4 5 6\n";
        this["thread-self/net/snmp"] = "Udp: InDatagrams RcvbufErrors SndbufErrors\nUdp: 1 2 3\n";
        this["thread-self/net/snmp6"] = "Udp6RcvbufErrors                \t7\nUdp6SndbufErrors                \t8\n";
        this["thread-self/net/softnet_stat"] = "0000ffff 00000010 00000001 00000000\n";
        this["thread-self/net/dev"] =
            "Inter-|   Receive                                                |  Transmit\n"
            + " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo "
            + "colls carrier compressed\n"
            + "    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";
        this["thread-self/net/stat/nf_conntrack"] =
            "entries  clashres insert_failed drop early_drop chainlength\n0000001a 00000001 00000002 00000003 "
            + "00000004 00000005\n";
        this["thread-self/net/stat/arp_cache"] = "entries  table_fulls\n00000003 00000001\n00000003 00000001\n";
        this["thread-self/net/stat/ndisc_cache"] = "entries  table_fulls\n00000004 00000000\n00000004 00000000\n";
        this["self/ns/net"] = "";
        this["thread-self/ns/net"] = "";
        this["etc/sysctl.d/90-openclaw.conf"] = "fs.file-max = 2466170\n";
        this["self/mounts"] = $"cgroup2 {Root}/cgroup cgroup2 rw 0 0\n";
        AddProcess(4711, "node", "node\0/opt/openclaw/gateway.js\0", descriptors: 3, "1024");

        // A pool that is new in the list of scenarios is on this machine too.
        foreach (var scenario in Scenario.All)
            scenario.Fill(new MissingFiles(this), Quiet);
    }

    public string Root { get; }

    /// <summary>Sets the text of a file; null removes the file.</summary>
    public string? this[string path]
    {
        set
        {
            var file = Path.Combine(Root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            if (value is null)
                File.Delete(file);
            else
                File.WriteAllText(file, value);
        }
    }

    public void AddProcess(int pid, string name, string commandLine, int descriptors, string softLimit)
    {
        this[$"{pid}/comm"] = name + "\n";
        this[$"{pid}/cmdline"] = commandLine;
        this[$"{pid}/limits"] =
            "Limit                     Soft Limit           Hard Limit           Units     \n"
            + $"Max open files            {softLimit, -20} 1048576              files     \n";
        var links = Directory.CreateDirectory(Path.Combine(Root, $"{pid}/fd"));
        foreach (var old in links.EnumerateFileSystemInfos())
            old.Delete();
        for (var i = 0; i < descriptors; i++)
            File.CreateSymbolicLink(Path.Combine(links.FullName, $"{i}"), $"socket:[{i}]");
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>Writes the files of a scenario that the machine does not have.</summary>
    sealed class MissingFiles(FixtureProc machine) : IFilledMachine
    {
        public int Ports => 0;

        public long TimeWait
        {
            set { }
        }

        public long Orphans
        {
            set { }
        }

        public long TcpPages
        {
            set { }
        }

        public long UdpPages
        {
            set { }
        }

        public double BridgePorts
        {
            set { }
        }

        public int TranslatedPorts
        {
            set { }
        }

        public int DaemonConnections
        {
            set { }
        }

        public void Write(string file, string? text)
        {
            if (!File.Exists(Path.Combine(machine.Root, file)))
                machine[file] = text;
        }

        public void AddProcess(int pid, string name, string commandLine, int descriptors, string softLimit) { }

        public void AddConnections(int ports, Func<int, string> destination) { }

        public void AddListener(string address, long waiting, long backlog) { }
    }
}
