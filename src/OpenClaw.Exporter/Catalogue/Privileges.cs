using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>A capability that a reader can use, and its benefit.</summary>
/// <param name="Reader">The name of the reader in metrics.</param>
/// <param name="Capability">The capability, and when it is necessary.</param>
/// <param name="Gives">The part that is missing without it.</param>
sealed record Privilege(string Reader, string Capability, string Gives);

/// <summary>The list of privileges. Everything else is read without any.</summary>
static class Privileges
{
    public static ImmutableArray<Privilege> All { get; } =
    [
        new(
            "namespace_snapshots",
            "CAP_SYS_ADMIN and CAP_SYS_PTRACE",
            "Other network namespaces: ports, sockets by state, queues and sysctls. Without "
                + "it, --netns=auto leaves them out and reports that. --netns=all reads the part in "
                + "/proc/PID/net."
        ),
        new(
            "network_namespaces",
            "CAP_SYS_PTRACE",
            "The inodes of other users' network namespaces, which kernel messages contain. "
                + "Without it, names of ip netns cannot be assigned, and leaked namespaces are "
                + "unknown."
        ),
        new(
            "watched_descriptors",
            "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH",
            "The kinds of descriptors of other users' watched processes: sockets, files, pipes."
        ),
        new(
            "socket_holders",
            "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH",
            "The processes that hold ports and queues that are nearly full. Without it, those of "
                + "other users are named by their cgroup or user."
        ),
        new(
            Programs,
            "CAP_BPF and CAP_PERFMON",
            "The calls of connect() that find no free port, by process and destination, as they fail. For "
                + "tcp_sockets, which connected sockets were bound explicitly, so that numbers of free ports are exact"
                + ", and the round trip and retransmits of destinations. CAP_SYS_ADMIN includes both. The kernel needs "
                + "BTF (/sys/kernel/btf/vmlinux). Without it, full pools still show."
        ),
        new(
            "container_names",
            "CAP_DAC_READ_SEARCH",
            "The names of containers, from files of Docker and Podman. Without it, containers have only their ids."
        ),
        new(
            "processes",
            "CAP_SYS_PTRACE before Linux 6.2, or where procfs hides processes (hidepid)",
            "The number of descriptors of other users' processes. Since Linux 6.2 no capability is needed where "
                + "procfs shows them."
        ),
        new(
            "kernel_log",
            "CAP_SYSLOG where kernel.dmesg_restrict is 1",
            "The kernel's own messages about full tables."
        ),
        new(
            "conntrack_failures",
            "CAP_NET_ADMIN where /proc/net/stat/nf_conntrack is missing",
            "The failures of connection tracking, from ctnetlink."
        ),
        new(
            "tracked_connections",
            "CAP_NET_ADMIN",
            "The source ports of address translation, which are counted while connections fail, and who fills the "
                + "table. Without it, a lack of ports and a clash of packets look alike."
        ),
    ];

    /// <summary>The reader whose capabilities every program in the kernel needs, also one of another reader.</summary>
    public const string Programs = "refused_connects";

    /// <summary>Returns the capability that a reader needs; empty for none.</summary>
    public static string CapabilityOf(string reader) =>
        All.FirstOrDefault(privilege => privilege.Reader == reader)?.Capability ?? "";

    /// <summary>Returns the capability that a reader lacks; empty where none would help.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="why">The reason why it could not read.</param>
    public static string LackedBy(string reader, Missing why) =>
        why is { Reason: Absence.NotPermitted, IsFiltered: false } ? CapabilityOf(reader) : "";

    /// <summary>
    /// Returns the capability that a reader lacks, in brackets; empty where the reason itself names it.
    /// </summary>
    public static string InWords(string reader, Missing why) =>
        LackedBy(reader, why) is { Length: > 0 } lacked && !why.Detail.Contains(lacked, StringComparison.Ordinal)
            ? $" (needs {lacked})"
            : "";

    /// <summary>Returns the capabilities that readers can use, each with its reader.</summary>
    public static string UsesOf(IEnumerable<Reader> readers)
    {
        var names = readers.Select(static reader => reader.Name).ToHashSet();
        return string.Join(
            "; ",
            All.Where(privilege => names.Contains(privilege.Reader))
                .Select(static privilege => $"{privilege.Reader}: {privilege.Capability}")
        );
    }
}
