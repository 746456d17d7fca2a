using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.Links;

/// <summary>Collects the disciplines or classes of one dump.</summary>
sealed class TrafficQueueFold : INetlinkFold
{
    /// <summary>The discipline of an interface that never queues. It can drop nothing.</summary>
    const string NoQueue = "noqueue";

    readonly List<QueueNode> _queues = [];

    public IReadOnlyList<QueueNode> Queues => _queues;

    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead<LinuxRtnetlink.tcmsg>(payload, out var message))
            return false;

        var kind = "";
        LinuxGenStats.gnet_stats_queue? current = null,
            old = null;
        var attributes = new NetlinkAttributes(payload[Unsafe.SizeOf<LinuxRtnetlink.tcmsg>()..]);
        while (attributes.MoveNext())
        {
            switch (attributes.CurrentType)
            {
                case LinuxRtnetlink.TCA_KIND:
                    kind = NetlinkText.Decode(attributes.CurrentPayload);
                    break;
                case LinuxRtnetlink.TCA_STATS2:
                    if (!TryFindQueue(attributes.CurrentPayload, out current))
                        return false;
                    break;
                case LinuxRtnetlink.TCA_STATS
                    when MemoryMarshal.TryRead<LinuxGenStats.tc_stats>(attributes.CurrentPayload, out var stats):
                    old = new()
                    {
                        drops = stats.drops,
                        overlimits = stats.overlimits,
                        backlog = stats.backlog,
                    };
                    break;
            }
        }

        if (attributes.IsMalformed)
            return false;

        // A tbf lists a class without counters of its own.
        if (kind != NoQueue && (current ?? old) is { } queue)
        {
            _queues.Add(
                new(
                    message.tcm_ifindex,
                    kind,
                    new(message.tcm_handle),
                    new(message.tcm_parent),
                    queue.drops,
                    queue.overlimits,
                    queue.backlog
                )
            );
        }

        return true;
    }

    static bool TryFindQueue(ReadOnlySpan<byte> stats, out LinuxGenStats.gnet_stats_queue? queue)
    {
        queue = null;
        var attributes = new NetlinkAttributes(stats);
        while (attributes.MoveNext())
        {
            if (
                attributes.CurrentType == LinuxGenStats.TCA_STATS_QUEUE
                && MemoryMarshal.TryRead<LinuxGenStats.gnet_stats_queue>(attributes.CurrentPayload, out var value)
            )
            {
                queue = value;
            }
        }

        return !attributes.IsMalformed;
    }
}
