using System.Collections.Immutable;
using OpenClaw.Kernel.Links;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The symptoms of the queues of interfaces: limits set with tc, often far below the root.</summary>
static class TrafficQueueSymptoms
{
    /// <summary>The limit on queues that are shown, those with the most drops first.</summary>
    public const int AtMost = 6;

    /// <summary>Reads one level for each of the worst queues: the same queues for each of the three symptoms.</summary>
    public static Func<NamespaceView, Reading<ImmutableArray<SymptomLevel>>> Read(Func<QueueNode, long> select) =>
        view =>
            view.Get<TrafficQueues>()
                .Then<ImmutableArray<SymptomLevel>>(queues =>
                    view.Get<NetworkInterfaces>()
                        .Select(interfaces =>
                        {
                            var names = new Dictionary<int, string>();
                            foreach (var link in interfaces.All)
                                names[link.Index] = link.Name;
                            return ImmutableArray.CreateRange(
                                queues
                                    .All.Where(queue => names.ContainsKey(queue.Interface))
                                    .Take(AtMost)
                                    .Select(queue => new SymptomLevel(
                                        select(queue),
                                        names[queue.Interface],
                                        queue.Kind,
                                        queue.Handle.ToString(),
                                        queue.Parent.ToString()
                                    ))
                            );
                        })
                );
}
