using System.Collections.Immutable;
using System.Net;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Refusals;

/// <summary>
/// The calls of connect() in a network namespace that found no free port (EADDRNOTAVAIL) since the exporter started.
/// </summary>
/// <param name="Worst">The processes and destinations with the most, the most refused first.</param>
/// <param name="Others">The number of all others. It never falls: a destination that joins the worst counts from
/// then.</param>
public sealed record RefusedConnects(ImmutableArray<RefusedConnect> Worst, long Others) : IPerNamespace
{
    /// <summary>The tracepoint.</summary>
    public const string Source = "tracepoint inet_sock_set_state (BPF)";

    /// <summary>No refused call.</summary>
    public static RefusedConnects None { get; } = new([], 0);
}

/// <summary>The refused calls of a program towards one destination.</summary>
public sealed record RefusedConnect
{
    /// <summary>The name of the process, as the process table has it; of one that has ended, its comm.</summary>
    public required string Process { get; init; }

    /// <summary>The last process that was refused, by its id in the machine's own pid namespace.</summary>
    public required int Pid { get; init; }

    /// <summary>
    /// True where the procfs shows the process by this id. In a container it has another one, and this id may be that
    /// of another process.
    /// </summary>
    public bool IsPidLocal { get; init; } = true;

    /// <summary>The destination. An IPv4-mapped address is an IPv4 address.</summary>
    public required IPEndPoint Destination { get; init; }

    /// <summary>The id of the cgroup v2, the inode of its directory.</summary>
    public required ulong CgroupId { get; init; }

    /// <summary>The number of refused calls.</summary>
    public required long Count { get; init; }

    /// <summary>The time of the last one.</summary>
    public required DateTimeOffset Last { get; init; }
}
