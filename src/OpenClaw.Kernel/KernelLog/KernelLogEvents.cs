using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.KernelLog;

/// <summary>The kernel's own messages that say that a network resource has run out.</summary>
public enum KernelLogKind
{
    /// <summary>
    /// "nf_conntrack: table full, dropping packet", since Linux 6.17 with the namespace where it is not the machine's
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
    /// "TCP: time wait bucket table overflow"; newer kernels, 6.18 among them, only count it (TCPTimeWaitOverflow).
    /// </summary>
    TimeWaitTableOverflow,

    /// <summary>"TCP: request_sock_TCP: Possible SYN flooding on port …"; once for each listener.</summary>
    SynFlooding,

    /// <summary>"VFS: file-max limit … reached".</summary>
    FileMaxReached,
}

/// <summary>When the kernel last logged one kind of event.</summary>
/// <param name="Kind">What it said.</param>
/// <param name="NetworkNamespace">Inode of the network namespace that it named; null when it named none.</param>
/// <param name="LastSeen">When it last said so. Not how often: it limits the rate of its messages, over all of
/// them.</param>
public sealed record KernelLogEvent(KernelLogKind Kind, ulong? NetworkNamespace, DateTimeOffset LastSeen);

/// <summary>What the kernel log has said of exhausted network resources, as far back as it reaches.</summary>
/// <param name="Events">Each kind and namespace that was seen, once.</param>
/// <param name="OwnNetworkNamespace">Inode of the network namespace of the reader, to know it among them.</param>
public sealed record KernelLogEvents(ImmutableArray<KernelLogEvent> Events, Reading<ulong> OwnNetworkNamespace);
