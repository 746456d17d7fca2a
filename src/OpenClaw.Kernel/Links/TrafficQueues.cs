using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Links;

/// <summary>
/// Where a queueing discipline or class stands in the tree of its interface: major and minor number, as tc writes them.
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
/// One queueing discipline, or one class of such a one. The kernel counts a packet that a queue below drops in each
/// class and discipline above it too (measured: tbf below htb, 192 at each of the three), but throttling only where it
/// happens: the root's overlimits say nothing of a limit below. So each stands for itself and none is to be added up.
/// </summary>
/// <param name="Interface">Index of the interface.</param>
/// <param name="Kind">"htb", "tbf", "fq_codel".</param>
/// <param name="Handle">What it is; a class has a minor number.</param>
/// <param name="Parent">Below what it hangs; a class that is at the top has "root".</param>
/// <param name="Drops">Packets dropped here or in a queue below; 32 bits in the kernel.</param>
/// <param name="Overlimits">How often it throttled; 32 bits in the kernel.</param>
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

/// <summary>The queueing disciplines of one network namespace and the classes that somebody made in them.</summary>
/// <param name="All">Those with the most drops first, then those with the most overlimits and backlog.</param>
public sealed record TrafficQueues(ImmutableArray<QueueNode> All) : IPerNamespace;
