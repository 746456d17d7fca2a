using System.Collections.Immutable;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Links;

/// <summary>
/// Reads every queueing discipline of the namespace, the root's and those below, and the classes between them.
/// </summary>
sealed class TrafficQueuesReader(Func<TimeSpan, Reading<INetlinkTransport>> open)
    : Reader<TrafficQueues>("traffic_queues", "rtnetlink, RTM_GETQDISC, RTM_GETTCLASS")
{
    /// <summary>
    /// The disciplines whose classes an administrator creates. Classes of other disciplines are single flows (fq_codel,
    /// sfq, cake: a thousand and more) or hardware queues. Their disciplines repeat the counters of hardware queues.
    /// </summary>
    static readonly ImmutableHashSet<string> WithMadeClasses = ["htb", "hfsc", "drr", "qfq", "ets", "prio", "cbq"];

    protected override Reading<TrafficQueues> Read(SamplingPass sampling) =>
        open(sampling.Deadline.Remaining)
            .Then<TrafficQueues>(transport =>
            {
                using (transport as IDisposable)
                {
                    var dump = new NetlinkDump(transport, Source);
                    var disciplines = Dump(dump, LinuxRtnetlink.RTM_GETQDISC, 0, sampling.Deadline);
                    if (!disciplines.TryGet(out var queues))
                        return disciplines.Missing!;

                    List<QueueNode> all = [.. queues];
                    foreach (
                        var link in queues
                            .Where(static queue => WithMadeClasses.Contains(queue.Kind))
                            .Select(static queue => queue.Interface)
                            .Distinct()
                    )
                    {
                        // For an interface that is gone by now, the kernel reports no classes.
                        var classes = Dump(dump, LinuxRtnetlink.RTM_GETTCLASS, link, sampling.Deadline);
                        if (!classes.TryGet(out var made))
                            return classes.Missing!;
                        all.AddRange(made.Where(static queue => WithMadeClasses.Contains(queue.Kind)));
                    }

                    return new TrafficQueues([
                        .. all.OrderByDescending(static queue => queue.Drops)
                            .ThenByDescending(static queue => queue.Overlimits)
                            .ThenByDescending(static queue => queue.BacklogBytes)
                            .ThenBy(static queue => queue.Interface),
                    ]);
                }
            });

    static Reading<IReadOnlyList<QueueNode>> Dump(NetlinkDump dump, ushort type, int link, Deadline deadline) =>
        dump.RunUndisturbed(
                type,
                new LinuxRtnetlink.tcmsg { tcm_ifindex = link },
                static () => new TrafficQueueFold(),
                deadline
            )
            .Select(static fold => fold.Queues);
}
