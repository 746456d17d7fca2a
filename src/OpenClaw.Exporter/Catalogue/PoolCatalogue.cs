using System.Collections.Immutable;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Neighbours;
using OpenClaw.Kernel.Processes;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>
/// The list of pools. Metrics, diagnosis, alert annotations, documentation and tests all enumerate it. A new pool is
/// one more element, and its reader.
/// </summary>
static class PoolCatalogue
{
    /// <summary>
    /// The end of the general remedies. They are the text of alerts for all machines, so they have no value of a
    /// sysctl.
    /// </summary>
    const string Printed = "openclaw-exporter diagnose prints the command for this machine";

    public static Pool EphemeralConnectPorts { get; } =
        new()
        {
            Name = "ephemeral_connect_ports",
            IsOfConnections = true,
            Label = "Ports to a destination",
            Unit = "ports",
            UsedHelp =
                "Ephemeral ports that a plain connect() from this source to this destination "
                + "cannot use. They are connected to it already, or bound explicitly by any socket. "
                + "destination=\"*\" is every destination without a connection. Source \"::\" has a "
                + "series where it differs from \"0.0.0.0\".",
            LimitHelp =
                "Ports that the kernel can assign: net.ipv4.ip_local_port_range without "
                + "ip_local_reserved_ports. An odd range loses one port.",
            Source = "inet_diag; net.ipv4.ip_local_port_range, ip_local_reserved_ports, tcp_tw_reuse",
            Scope = PoolScope.NetworkNamespace,
            Sysctls = ["net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"],
            Labels = ["protocol", "source", "destination"],
            WarningRatio = 0.75,
            CriticalRatio = 0.9,
            Code = ClwCodes.NetworkExhausted,
            Remedy =
                "Keep connections to this destination open and reuse them (connection pool, keep-alive). For room now, "
                + $"widen net.ipv4.ip_local_port_range without the ports of services: {Printed}",
            RemedyFor = PortRemedies.Connect,
            HoldersOf = PoolHolders.OfSockets,
            Read = EphemeralPortPools.Connect,
            Shortfall = EphemeralPortPools.Shortfall,
        };

    public static Pool EphemeralBindPorts { get; } =
        new()
        {
            Name = "ephemeral_bind_ports",
            IsOfConnections = true,
            Label = "Ports for bind()",
            Unit = "ports",
            UsedHelp =
                "Ephemeral ports that bind() to port 0 of this address cannot use. A socket in "
                + "any state occupies them, TIME_WAIT included. Address \"::\" has a series where "
                + "it differs from \"0.0.0.0\".",
            LimitHelp =
                "Ports that the kernel can assign: net.ipv4.ip_local_port_range without "
                + "ip_local_reserved_ports. For TCP an odd range loses one port.",
            Source = "inet_diag; net.ipv4.ip_local_port_range, ip_local_reserved_ports",
            Scope = PoolScope.NetworkNamespace,
            Sysctls = ["net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"],
            Labels = ["protocol", "address"],
            WarningRatio = 0.75,
            CriticalRatio = 0.9,
            Code = ClwCodes.PortConflict,
            Remedy =
                "Bind outgoing TCP sockets with IP_BIND_ADDRESS_NO_PORT, or not at all. For room now, "
                + $"widen net.ipv4.ip_local_port_range without the ports of services: {Printed}",
            RemedyFor = PortRemedies.Bind,
            HoldersOf = PoolHolders.OfSockets,
            Read = EphemeralPortPools.Bind,
            Shortfall = EphemeralPortPools.Shortfall,
        };

    public static Pool ProcessFileDescriptors { get; } =
        new()
        {
            Name = "process_file_descriptors",
            Label = "Descriptors, process",
            Unit = "file descriptors",
            UsedHelp =
                "File descriptors open in the fullest process of this name. A thread with a "
                + "descriptor table of its own (unshare(CLONE_FILES)) counts separately. Shown for "
                + "watched processes and for the fullest others. Sandboxed processes are skipped: "
                + $"their limit is below {ProcessDescriptorPool.LeastLimit}, and their open descriptors "
                + $"are below {ProcessDescriptorPool.MostOfSandbox}.",
            LimitHelp = "Soft RLIMIT_NOFILE of that process.",
            Source = "/proc/PID/fd, /proc/PID/task/TID/fd, /proc/PID/limits",
            Scope = PoolScope.Process,
            AtMost = ProcessDescriptorPool.AtMost,
            Labels = ["process"],
            WarningRatio = 0.8,
            CriticalRatio = 0.95,
            Code = ClwCodes.ResourceLimit,
            Remedy =
                "List the open files (ls -l /proc/PID/fd) and check whether their number only "
                + $"grows. For room now, raise the limit of the process with prlimit: {Printed}",
            RemedyFor = DescriptorRemedies.OfProcess,
            HoldersOf = PoolHolders.OfProcess,
            Read = ProcessDescriptorPool.Read,
            Shortfall = ProcessDescriptorPool.Shortfall,
        };

    public static Pool SystemFileDescriptors { get; } =
        new()
        {
            Name = "system_file_descriptors",
            IsOfConnections = true,
            Label = "Descriptors, machine",
            Unit = "file descriptors",
            UsedHelp = "File descriptions allocated on the whole machine.",
            LimitHelp = "fs.file-max. Absent where it is no limit.",
            Source = "/proc/sys/fs/file-nr",
            Scope = PoolScope.Host,
            Sysctls = ["fs.file-max"],
            WarningRatio = 0.8,
            CriticalRatio = 0.95,
            Code = ClwCodes.ResourceLimit,
            Remedy = "Find the processes with the most open files. For room now, raise fs.file-max: " + $"{Printed}",
            RemedyFor = static (_, level) => DescriptorRemedies.OfMachine(level),
            HoldersOf = MachineHolders.OfDescriptors,
            Read = static view =>
                view.Get<FileNr>()
                    .Select<ImmutableArray<PoolLevel>>(static files =>
                        [new(files.Allocated, files.Maximum, WholeSubject.Only)]
                    ),
        };

    public static Pool ConntrackEntries { get; } =
        new()
        {
            Name = "conntrack_entries",
            IsOfConnections = true,
            Label = "Connection tracking",
            Unit = "entries",
            UsedHelp = "Connections that this network namespace tracks.",
            LimitHelp =
                "net.netfilter.nf_conntrack_max. One value for the machine, applied to the count "
                + "of each namespace. Absent where it is no limit.",
            Source = "/proc/sys/net/netfilter/nf_conntrack_count, nf_conntrack_max",
            Scope = PoolScope.NetworkNamespace,
            Sysctls = ["net.netfilter.nf_conntrack_max"],
            WarningRatio = 0.75,
            CriticalRatio = 0.9,
            Code = ClwCodes.ConnectionTimeout,
            Remedy =
                "Find the source of the entries (conntrack -L). For room now, raise net.netfilter.nf_conntrack_max on "
                + $"the host: {Printed}",
            RemedyFor = static (_, level) => PoolRemedies.ConntrackEntries(level),
            HoldersOf = static (view, _) => ConntrackHolders.OfEntries(view),
            Read = static view =>
                view.Get<ConntrackTable>()
                    .Select<ImmutableArray<PoolLevel>>(static table =>
                        [PoolLevel.From(table.Count, table.Maximum, WholeSubject.Only)]
                    ),
        };

    public static Pool SourcePorts { get; } =
        new()
        {
            Name = "snat_ports",
            Label = "Ports of a translated address",
            Unit = "ports",
            UsedHelp =
                "Source ports of this translated address (SNAT, masquerade) in use towards this "
                + $"remote. The fullest {TranslatedPorts.AtMost}. Counted while connections fail to "
                + "enter connection tracking and five minutes longer, or while its table is above "
                + "half of its maximum.",
            LimitHelp =
                "Ports of the range in the nftables rule. Without a range: 64,512, the ports from "
                + "1024 on. While connections fail, a block of used ports without a gap counts as "
                + "the range.",
            Source = "ctnetlink, IPCTNL_MSG_CT_GET; nf_tables, NFT_MSG_GETRULE",
            Scope = PoolScope.NetworkNamespace,
            AtMost = TranslatedPorts.AtMost,
            Labels = ["protocol", "address", "remote"],
            WarningRatio = 0.75,
            CriticalRatio = 0.9,
            Code = ClwCodes.ConnectionTimeout,
            Remedy =
                "Translate to more source addresses, or to a wider range of ports in the rule "
                + "(nft list ruleset, iptables -t nat -S). Or open fewer connections to this "
                + "remote: keep them open and reuse them",
            HoldersOf = ConntrackHolders.OfSourcePorts,
            RemedyFor = static (_, level) => SourcePortPool.Remedy(level),
            Read = SourcePortPool.Read,
            Shortfall = SourcePortPool.Shortfall,
        };

    public static Pool BridgePorts { get; } =
        new()
        {
            Name = "bridge_ports",
            Label = "Ports of a bridge",
            Unit = "ports",
            UsedHelp =
                $"Interfaces that are ports of this bridge. The fullest {BridgePortPool.AtMost} "
                + "bridges of the namespace.",
            LimitHelp =
                $"Ports that a Linux bridge can have: {NetworkInterfaces.BridgePortLimit}, "
                + "compiled in (BR_MAX_PORTS without number 0).",
            Source = "rtnetlink, RTM_GETLINK: IFLA_MASTER",
            Scope = PoolScope.NetworkNamespace,
            AtMost = BridgePortPool.AtMost,
            Labels = ["bridge"],
            WarningRatio = BridgePortPool.WarningRatio,
            CriticalRatio = 0.95,
            Code = ClwCodes.NetworkExhausted,
            Remedy =
                "The limit cannot be raised. Remove unused ports (ip link show master BRIDGE, ip "
                + "link delete PORT). Or spread containers over a second bridge: ip link add "
                + "BRIDGE2 type bridge",
            RemedyFor = BridgePortPool.Remedy,
            HoldersOf = BridgePortHolders.Find,
            Read = BridgePortPool.Read,
        };

    public static Pool TimeWaitSockets { get; } =
        new()
        {
            Name = "time_wait_sockets",
            Label = "TIME_WAIT",
            Unit = "sockets",
            UsedHelp = "Sockets in TIME_WAIT, and orphaned sockets in FIN_WAIT2.",
            LimitHelp = "net.ipv4.tcp_max_tw_buckets. Above it, connections are closed without TIME_WAIT.",
            Source = "/proc/net/sockstat; net.ipv4.tcp_max_tw_buckets",
            Scope = PoolScope.NetworkNamespace,
            Sysctls = ["net.ipv4.tcp_max_tw_buckets"],
            WarningRatio = 0.8,
            CriticalRatio = 0.95,
            Code = ClwCodes.NetworkExhausted,
            Remedy =
                "Keep connections open and reuse them (connection pool, keep-alive). For room now, raise "
                + $"net.ipv4.tcp_max_tw_buckets: {Printed}",
            RemedyFor = static (_, level) => PoolRemedies.TimeWaitSockets(level),
            HoldersOf = static (view, _) => PoolHolders.OfTimeWait(view),
            Read = SocketMemoryPools.TimeWaitSockets,
        };

    public static Pool OrphanSockets { get; } =
        new()
        {
            Name = "orphan_sockets",
            Label = "Orphans",
            Unit = "sockets",
            UsedHelp = "TCP sockets without a process that still have data or a FIN to deliver.",
            LimitHelp =
                "net.ipv4.tcp_max_orphans. The kernel may reset orphans above a quarter of it. "
                + "Absent in a child network namespace.",
            Source = "/proc/net/sockstat; net.ipv4.tcp_max_orphans",
            Scope = PoolScope.Host,
            Sysctls = ["net.ipv4.tcp_max_orphans"],
            WarningRatio = 0.25,
            CriticalRatio = 0.5,
            EndRatio = 0.5,
            Code = ClwCodes.ResourceLimit,
            Remedy =
                "Find peers that vanished with unacknowledged data: ss -tno state fin-wait-1. For "
                + $"room now, raise net.ipv4.tcp_max_orphans on the host: {Printed}",
            RemedyFor = static (_, level) => PoolRemedies.OrphanSockets(level),
            HoldersOf = static (view, _) => MachineHolders.OfSockets(view, new OrphanGroup()),
            Read = SocketMemoryPools.OrphanSockets,
        };

    public static Pool TcpMemoryBytes { get; } =
        new()
        {
            Name = "tcp_memory_bytes",
            Label = "TCP memory",
            Unit = "bytes",
            UsedHelp = "Memory in the buffers of TCP sockets.",
            LimitHelp = "The last of net.ipv4.tcp_mem, in bytes. Absent in a child network namespace.",
            Source = "/proc/net/sockstat; net.ipv4.tcp_mem",
            Scope = PoolScope.Host,
            Sysctls = ["net.ipv4.tcp_mem"],
            WarningRatio = 0.75,
            CriticalRatio = 0.9,
            Code = ClwCodes.ResourceLimit,
            Remedy =
                "Find connections with unread data (ss -tnm). For room now, raise "
                + "net.ipv4.tcp_mem on the host: "
                + Printed,
            RemedyFor = static (_, level) => PoolRemedies.SocketMemory(level, "tcp"),
            HoldersOf = static (view, _) => MachineHolders.OfSockets(view, new QueueGroup(IsTcp: true)),
            Read = SocketMemoryPools.TcpMemory,
        };

    public static Pool UdpMemoryBytes { get; } =
        new()
        {
            Name = "udp_memory_bytes",
            Label = "UDP memory",
            Unit = "bytes",
            UsedHelp = "Memory in the buffers of UDP sockets.",
            LimitHelp = "The last of net.ipv4.udp_mem, in bytes. Absent in a child network namespace.",
            Source = "/proc/net/sockstat; net.ipv4.udp_mem",
            Scope = PoolScope.Host,
            Sysctls = ["net.ipv4.udp_mem"],
            WarningRatio = 0.75,
            CriticalRatio = 0.9,
            Code = ClwCodes.ResourceLimit,
            Remedy =
                "Find sockets with unread data (ss -uanm). For room now, raise net.ipv4.udp_mem on "
                + "the host: "
                + Printed,
            RemedyFor = static (_, level) => PoolRemedies.SocketMemory(level, "udp"),
            HoldersOf = static (view, _) => MachineHolders.OfSockets(view, new QueueGroup(IsTcp: false)),
            Read = SocketMemoryPools.UdpMemory,
        };

    public static Pool NeighbourEntries { get; } =
        new()
        {
            Name = "neighbour_entries",
            Label = "Neighbours",
            Unit = "entries",
            UsedHelp =
                "Entries of the neighbour table (ARP for ipv4, NDISC for ipv6), shared by all "
                + "network namespaces. Since Linux 5.0 the limit does not apply to permanent and "
                + "externally learned entries (ip neigh show nud permanent). Above "
                + $"{Percentage.Format(NeighbourTable.NearLimit)} of the limit, these entries are "
                + "left out, as far as the exporter reads their namespaces.",
            LimitHelp = "gc_thresh3 of that table. Absent in a child network namespace.",
            Source =
                "/proc/net/stat/arp_cache, ndisc_cache; rtnetlink, RTM_GETNEIGH; "
                + "net.ipv4|ipv6.neigh.default.gc_thresh3",
            Scope = PoolScope.Host,
            Sysctls = ["net.ipv4.neigh.default.gc_thresh3", "net.ipv6.neigh.default.gc_thresh3"],
            Labels = ["family"],
            WarningRatio = NeighbourTable.NearLimit,
            CriticalRatio = 0.9,
            Code = ClwCodes.ConnectionTimeout,
            Remedy =
                "Make the segment smaller, or raise gc_thresh3 of the family on the host "
                + "(net.ipv4.neigh.default.gc_thresh3, net.ipv6.neigh.default.gc_thresh3): "
                + Printed,
            RemedyFor = static (_, level) => PoolRemedies.NeighbourEntries(level),
            HoldersOf = NeighbourPool.Holders,
            Read = NeighbourPool.Read,
            Shortfall = NeighbourPool.Shortfall,
        };

    public static Pool AcceptQueueConnections { get; } =
        new()
        {
            Name = "accept_queue_connections",
            Label = "Accept queues",
            Unit = "connections",
            UsedHelp =
                "Connections that wait for accept() on this listener. Where several sockets share "
                + $"an address (SO_REUSEPORT), the fullest one. The worst {AcceptQueuePool.AtMost} "
                + "listeners.",
            LimitHelp =
                "Connections that fit into the queue: its backlog and one more. The backlog is "
                + "the smaller of the argument of listen() and net.core.somaxconn.",
            Source = "inet_diag: idiag_rqueue and idiag_wqueue of LISTEN records",
            Scope = PoolScope.NetworkNamespace,
            Sysctls = ["net.core.somaxconn"],
            AtMost = AcceptQueuePool.AtMost,
            Labels = ["listener"],
            WarningRatio = 0.75,
            CriticalRatio = 0.9,
            Code = ClwCodes.ConnectionTimeout,
            Remedy =
                "The process accepts too slowly: check whether it is stuck or short of CPU. For a "
                + "longer queue, raise the backlog in the program's listen() and "
                + "net.core.somaxconn. Then restart the program: "
                + Printed,
            RemedyFor = PoolRemedies.AcceptQueue,
            HoldersOf = PoolHolders.OfSockets,
            Read = AcceptQueuePool.Read,
        };

    public static Pool DaemonConnections { get; } =
        new()
        {
            Name = "daemon_connections",
            Label = "Connections of a service",
            Unit = "connections",
            UsedHelp =
                "Established connections, incoming and outgoing, in the cgroups of this OpenClaw "
                + $"service's watched processes. The fullest {DaemonConnectionPool.AtMost} services. "
                + "Absent in the root cgroup, in a cgroup shared by services, and in another "
                + "network namespace that was not requested. Unknown in one that may not be entered.",
            LimitHelp = "network.max_connections of its configuration file.",
            Source = "--openclaw.config; inet_diag: INET_DIAG_CGROUP_ID; /proc/PID/cgroup",
            Scope = PoolScope.Process,
            AtMost = DaemonConnectionPool.AtMost,
            Labels = ["service"],
            WarningRatio = 0.75,
            CriticalRatio = 0.9,
            Code = ClwCodes.NetworkExhausted,
            Remedy =
                "Close idle connections or share them. For room, raise network.max_connections in "
                + "the service's file below /etc/openclaw. Then restart the service",
            RemedyFor = DaemonConnectionPool.Remedy,
            HoldersOf = DaemonConnectionPool.Holders,
            Read = DaemonConnectionPool.Read,
            Shortfall = DaemonConnectionPool.Shortfall,
        };

    /// <summary>All pools, in the order in which they are shown.</summary>
    public static ImmutableArray<Pool> All { get; } =
    [
        EphemeralConnectPorts,
        EphemeralBindPorts,
        ProcessFileDescriptors,
        SystemFileDescriptors,
        ConntrackEntries,
        SourcePorts,
        BridgePorts,
        TimeWaitSockets,
        OrphanSockets,
        TcpMemoryBytes,
        UdpMemoryBytes,
        NeighbourEntries,
        AcceptQueueConnections,
        DaemonConnections,
    ];
}
