using System.Collections.Immutable;

namespace OpenClaw.Exporter.Pools;

/// <summary>The list of symptoms, beside the list of pools: a new symptom is one more element, and its reader.</summary>
static class SymptomCatalogue
{
    /// <summary>What a queue is known by: a class or discipline (<c>handle</c>) below another or the root (<c>parent</c>), as tc writes them.</summary>
    static readonly ImmutableArray<string> QueueLabels = ["interface", "kind", "handle", "parent"];

    public static ImmutableArray<Symptom> All { get; } =
    [
        new()
        {
            Name = "qdisc_drops_total",
            Help = "Packets that a queueing discipline or class of this interface dropped, or a queue below it: one drop counts in every "
                + "parent too, so take the maximum of an interface, not the sum. The 20 queues with the most drops.",
            Source = "rtnetlink, RTM_GETQDISC and RTM_GETTCLASS: TCA_STATS2",
            Scope = PoolScope.NetworkNamespace,
            Labels = QueueLabels,
            Read = TrafficQueueSymptoms.Read(static queue => queue.Drops),
        },
        new()
        {
            Name = "qdisc_overlimits_total",
            Help = "How often a queueing discipline or class held a packet back because its rate was reached; parents do not count it again, "
                + "so that the root shows nothing of a limit below. The 20 queues with the most drops.",
            Source = "rtnetlink, RTM_GETQDISC and RTM_GETTCLASS: TCA_STATS2",
            Scope = PoolScope.NetworkNamespace,
            Labels = QueueLabels,
            Read = TrafficQueueSymptoms.Read(static queue => queue.Overlimits),
        },
        new()
        {
            Name = "qdisc_backlog_bytes",
            IsCounter = false,
            Help = "Bytes waiting in a queueing discipline or class, or a queue below it: parents show them too. The 20 queues with the most drops.",
            Source = "rtnetlink, RTM_GETQDISC and RTM_GETTCLASS: TCA_STATS2",
            Scope = PoolScope.NetworkNamespace,
            Labels = QueueLabels,
            Read = TrafficQueueSymptoms.Read(static queue => queue.BacklogBytes),
        },
    ];
}
