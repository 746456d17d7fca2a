using System.Collections.Immutable;

namespace OpenClaw.Testing;

/// <summary>
/// A machine of fixtures with pools that tests can fill. Every limit is <see cref="Scenario.Limit"/>, except the number
/// of ports, which is that of the range.
/// </summary>
interface IFilledMachine
{
    /// <summary>The number of ports in the ephemeral range.</summary>
    int Ports { get; }

    /// <summary>Sockets in TIME_WAIT.</summary>
    long TimeWait { set; }

    /// <summary>Orphaned TCP sockets.</summary>
    long Orphans { set; }

    /// <summary>Pages of TCP buffers.</summary>
    long TcpPages { set; }

    /// <summary>Pages of UDP buffers.</summary>
    long UdpPages { set; }

    /// <summary>The utilization of a bridge's ports.</summary>
    double BridgePorts { set; }

    /// <summary>Connections to one remote with a translated source port.</summary>
    int TranslatedPorts { set; }

    /// <summary>Connections of the daemon; setting it gives the daemon its own limit.</summary>
    int DaemonConnections { set; }

    /// <summary>Sets the text of a file below /proc; null removes the file.</summary>
    void Write(string file, string? text);

    /// <summary>Adds a process.</summary>
    void AddProcess(int pid, string name, string commandLine, int descriptors, string softLimit);

    /// <summary>Adds connections until this many ports are used.</summary>
    /// <param name="ports">The number of ports.</param>
    /// <param name="destination">Maps the index of a port in its range to the remote address.</param>
    void AddConnections(int ports, Func<int, string> destination);

    /// <summary>Adds a listener with connections that wait to be accepted.</summary>
    void AddListener(string address, long waiting, long backlog);
}

/// <summary>
/// The way to fill a pool, and its remedy. Every pool has a scenario, and the tests of pools iterate over the list.
/// </summary>
/// <param name="Pool">The pool's name.</param>
/// <param name="KernelTest">The test that fills the pool with a real kernel, as class and method.</param>
/// <param name="Command">The remedy's command on a machine of fixtures; null when no command helps.</param>
/// <param name="Fill">Fills the pool to a share of its limit, and no other pool.</param>
sealed record Scenario(string Pool, string KernelTest, string? Command, Action<IFilledMachine, double> Fill)
{
    /// <summary>The limit of every pool on a machine of fixtures.</summary>
    public const int Limit = 1000;

    /// <summary>All scenarios.</summary>
    public static ImmutableArray<Scenario> All { get; } =
    [
        new(
            "ephemeral_connect_ports",
            "PortAccuracyTests.The_kernel_gives_exactly_the_free_ports",
            WiderRange,
            static (machine, ratio) => machine.AddConnections((int)(ratio * machine.Ports), static _ => "192.0.2.1:443")
        ),
        // Each port has its own destination: bind() finds none free, connect() does.
        new(
            "ephemeral_bind_ports",
            "PortAccuracyTests.The_kernel_gives_exactly_the_free_ports",
            WiderRange,
            static (machine, ratio) =>
                machine.AddConnections((int)(ratio * machine.Ports), static port => $"192.0.2.{100 + (port % 100)}:443")
        ),
        new(
            "process_file_descriptors",
            "DescriptorLeakTests.The_leaking_kind_is_named",
            "prlimit --pid 12 --nofile=65536:",
            static (machine, ratio) => machine.AddProcess(12, "leaky", "leaky\0", (int)(ratio * 100), "100")
        ),
        new(
            "system_file_descriptors",
            "MachinePoolTests.Files_that_are_opened_are_as_many_more",
            "sysctl -w fs.file-max=2000",
            static (machine, ratio) => machine.Write("sys/fs/file-nr", $"{Part(ratio)}\t0\t{Limit}\n")
        ),
        new(
            "conntrack_entries",
            "CtnetlinkStatsTests.Each_tracked_peer_is_an_entry",
            "sysctl -w net.netfilter.nf_conntrack_max=2000",
            static (machine, ratio) =>
            {
                machine.Write("sys/net/netfilter/nf_conntrack_count", $"{Part(ratio)}\n");
                machine.Write("sys/net/netfilter/nf_conntrack_max", $"{Limit}\n");
            }
        ),
        new(
            "snat_ports",
            "SourcePortTests.The_pool_names_the_remote_without_source_ports_and_its_advice_helps",
            null,
            static (machine, ratio) => machine.TranslatedPorts = (int)Part(ratio)
        ),
        new(
            "time_wait_sockets",
            "SymptomTests.A_full_TIME_WAIT_table_is_full_and_overflows",
            "sysctl -w net.ipv4.tcp_max_tw_buckets=2000",
            static (machine, ratio) => machine.TimeWait = Part(ratio)
        ),
        new(
            "orphan_sockets",
            "OrphanTests.From_a_quarter_of_the_limit_on_orphans_are_reset",
            "sysctl -w net.ipv4.tcp_max_orphans=2000",
            static (machine, ratio) => machine.Orphans = Part(ratio)
        ),
        new(
            "tcp_memory_bytes",
            "MachinePoolTests.Unread_TCP_data_counts_as_memory",
            "sysctl -w net.ipv4.tcp_mem=\"1000 1500 2000\"",
            static (machine, ratio) => machine.TcpPages = Part(ratio)
        ),
        new(
            "udp_memory_bytes",
            "MachinePoolTests.Unread_UDP_data_counts_as_memory",
            "sysctl -w net.ipv4.udp_mem=\"1000 1500 2000\"",
            static (machine, ratio) => machine.UdpPages = Part(ratio)
        ),
        new(
            "neighbour_entries",
            "NeighbourTests.Each_neighbour_that_does_not_fit_makes_a_call_fail_and_counts",
            "sysctl -w net.ipv4.neigh.default.gc_thresh3=2000",
            static (machine, ratio) =>
            {
                machine.Write("sys/net/ipv4/neigh/default/gc_thresh3", $"{Limit}\n");
                machine.Write("thread-self/net/stat/arp_cache", $"entries  table_fulls\n{Part(ratio):x8} 00000000\n");
            }
        ),
        // A queue holds one connection more than its backlog. The sysctl net.core.somaxconn caps the backlog.
        new(
            "accept_queue_connections",
            "AcceptQueueTests.A_full_queue_drops_the_next_connection_and_no_earlier_one",
            "sysctl -w net.core.somaxconn=4096",
            static (machine, ratio) =>
            {
                machine.Write("sys/net/core/somaxconn", $"{Limit - 1}\n");
                machine.AddListener("0.0.0.0:8080", Part(ratio), Limit - 1);
            }
        ),
        new(
            "bridge_ports",
            "BridgePortTests.The_limit_is_where_the_kernel_refuses_another_port",
            null,
            static (machine, ratio) => machine.BridgePorts = ratio
        ),
        new(
            "daemon_connections",
            "DaemonConnectionTests.Connections_count_for_the_service_whose_processes_have_them",
            null,
            static (machine, ratio) => machine.DaemonConnections = (int)Part(ratio)
        ),
    ];

    const string WiderRange = "sysctl -w net.ipv4.ip_local_port_range=\"40000 65535\"";

    static long Part(double ratio) => (long)(ratio * Limit);
}
