using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Links;

/// <summary>
/// The place of a queueing discipline or class in the tree of its interface: major and minor number, as tc writes them.
/// </summary>
public readonly record struct TrafficHandle(uint Value)
{
    internal bool IsQdisc => (ushort)Value == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        Value switch
        {
            0 => "none",
            LinuxGenStats.TC_H_ROOT => "root",
            LinuxGenStats.TC_H_INGRESS => "ingress",
            _ when IsQdisc => string.Create(CultureInfo.InvariantCulture, $"{Value >> 16:x}:"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{Value >> 16:x}:{(ushort)Value:x}"),
        };
}

/// <summary>
/// A queueing discipline, or a class of one. The kernel also counts a dropped packet in each class and discipline above
/// the queue (measured: tbf below htb, 192 at each of three). It counts throttling only where it happens: the root's
/// overlimits do not include a limit below. So the numbers of several queues must not be added up.
/// </summary>
/// <param name="Interface">The index of the interface.</param>
/// <param name="Kind">The kind: "htb", "tbf", "fq_codel".</param>
/// <param name="Handle">The handle; a class has a minor number.</param>
/// <param name="Parent">The handle of the parent; a class at the top has "root".</param>
/// <param name="Drops">Packets dropped here or in a queue below; 32 bits in the kernel.</param>
/// <param name="Overlimits">The number of times that it throttled; 32 bits in the kernel.</param>
/// <param name="BacklogBytes">Bytes waiting.</param>
public sealed record QueueNode(
    int Interface,
    string Kind,
    TrafficHandle Handle,
    TrafficHandle Parent,
    long Drops,
    long Overlimits,
    long BacklogBytes
);

/// <summary>
/// The queueing disciplines of one network namespace, and the classes that an administrator created in them.
/// </summary>
/// <param name="All">The queues with the most drops first, then by overlimits and backlog.</param>
public sealed record TrafficQueues(ImmutableArray<QueueNode> All) : IPerNamespace;
