using System.Collections.Immutable;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>The facts about the machine that the readings of all its network namespaces share.</summary>
/// <param name="ConntrackMaximum">nf_conntrack_max, one value for the machine.</param>
/// <param name="TracksConnections">True where nf_conntrack is loaded. Without it, no namespace has entries.</param>
/// <param name="Processes">The processes of all namespaces.</param>
/// <param name="Limits">The limits of sockets.</param>
/// <param name="Connections">The limits that programs set on their connections.</param>
/// <param name="Deadline">The deadline for all namespaces together.</param>
/// <param name="Start">The begin of the snapshot.</param>
sealed record MachineFacts(
    Reading<long?> ConntrackMaximum,
    bool TracksConnections,
    Reading<ProcessTable> Processes,
    LimitsOfMachine Limits,
    Reading<ConnectionLimits> Connections,
    Deadline Deadline,
    SnapshotStart Start
)
{
    /// <summary>True where a TCP socket may be bound, and neither connected nor listening.</summary>
    public bool HasBoundOnly { get; init; } = true;

    /// <summary>
    /// Returns the values that are known of a namespace before it is read: which sockets and processes exist, and that
    /// it lacks the machine's limits.
    /// </summary>
    public ImmutableArray<object> KnownIn(NetworkNamespace netns, SocketsInUse sockets)
    {
        ImmutableArray<object> known = [sockets, Limits, Start];
        if (netns.Name != NetworkNamespaces.Host)
            known = known.Add(new ChildNamespace());
        if (Processes.TryGet(out var processes))
            known = known.Add(processes);
        return Connections.TryGet(out var connections) ? known.Add(connections) : known;
    }

    /// <summary>Looks for sockets that are only bound, where there may be any.</summary>
    public SocketsInUse FindBoundOnly(SocketsInUse sockets, ProcMount proc) =>
        HasBoundOnly ? sockets.FindBoundOnly(proc) : sockets with { MayBeBoundOnly = false };
}
