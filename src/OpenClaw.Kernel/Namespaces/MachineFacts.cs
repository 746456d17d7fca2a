using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>The facts about the machine that the readings of all its network namespaces share.</summary>
/// <param name="ConntrackMaximum">nf_conntrack_max, one value for the machine.</param>
/// <param name="TracksConnections">True where nf_conntrack is loaded. Without it, no namespace has entries.</param>
/// <param name="Processes">The processes of all namespaces.</param>
/// <param name="Deadline">The deadline for all namespaces together.</param>
sealed record MachineFacts(
    Reading<long?> ConntrackMaximum,
    bool TracksConnections,
    Reading<ProcessTable> Processes,
    Deadline Deadline
)
{
    /// <summary>True where a TCP socket may be bound, and neither connected nor listening.</summary>
    public bool HasBoundOnly { get; init; } = true;
}
