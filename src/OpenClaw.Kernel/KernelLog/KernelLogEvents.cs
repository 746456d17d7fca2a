using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.KernelLog;

/// <summary>The kernel's messages about exhausted network resources.</summary>
public enum KernelLogKind
{
    /// <summary>
    /// "nf_conntrack: table full, dropping packet". Since Linux 6.17 it names the namespace, unless it is the machine's
    /// own.
    /// </summary>
    ConntrackTableFull,

    /// <summary>"neighbour: arp_cache: neighbor table overflow!", or ndisc_cache.</summary>
    NeighbourTableOverflow,

    /// <summary>"TCP: out of memory -- consider tuning tcp_mem".</summary>
    TcpOutOfMemory,

    /// <summary>"TCP: too many orphaned sockets".</summary>
    TooManyOrphans,

    /// <summary>
    /// "TCP: time wait bucket table overflow". Newer kernels, such as 6.18, only count it (TCPTimeWaitOverflow).
    /// </summary>
    TimeWaitTableOverflow,

    /// <summary>"TCP: request_sock_TCP: Possible SYN flooding on port …"; once for each listener.</summary>
    SynFlooding,

    /// <summary>"VFS: file-max limit … reached".</summary>
    FileMaxReached,
}

/// <summary>The time at which the kernel last logged one kind of event.</summary>
/// <param name="Kind">The kind of message.</param>
/// <param name="NetworkNamespace">The inode of the network namespace in the message; null when it names none.</param>
/// <param name="LastSeen">The time of the last message. The number of messages is unknown: the kernel limits the rate
/// of all its messages together.</param>
public sealed record KernelLogEvent(KernelLogKind Kind, ulong? NetworkNamespace, DateTimeOffset LastSeen)
{
    /// <summary>
    /// The listener in the last message about a flood: its address, or "port N" before Linux 6.1. Empty where the
    /// message names none.
    /// </summary>
    public string Listener { get; init; } = "";
}

/// <summary>The kernel log's messages about exhausted network resources, as far back as the log reaches.</summary>
/// <param name="Events">Each kind and namespace, once.</param>
/// <param name="OwnNetworkNamespace">The inode of the reader's own network namespace, to recognise it among the
/// events.</param>
public sealed record KernelLogEvents(ImmutableArray<KernelLogEvent> Events, Reading<ulong> OwnNetworkNamespace)
{
    /// <summary>
    /// The time since when the reader's own network namespace is known to exist, without a list of namespaces. The
    /// machine's own exists since ever, another since the reader's process started.
    /// </summary>
    public DateTimeOffset OwnSince { get; init; } = DateTimeOffset.MinValue;

    /// <summary>
    /// True where a message about a full connection tracking table names its namespace, unless it is the machine's own
    /// (since Linux 6.17).
    /// </summary>
    public bool NamesNamespaces { get; init; }

    /// <summary>True where the reader's own network namespace is the machine's.</summary>
    public bool IsOwnTheMachines => OwnSince == DateTimeOffset.MinValue;
}
