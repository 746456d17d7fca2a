using System.Collections.Immutable;
using System.Net;
using OpenClaw.Kernel.Refusals;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Status;

/// <summary>The refused calls of connect() in a network namespace, as a server has counted them.</summary>
/// <param name="Inode">The inode of the namespace.</param>
/// <param name="Others">The calls of other processes and destinations.</param>
/// <param name="Worst">The processes and destinations with the most.</param>
sealed record RefusalsDocument(ulong Inode, long Others, ImmutableArray<RefusalDocument> Worst)
{
    /// <summary>The processes and destinations of a namespace that are taken from a document.</summary>
    const int WorstAtMost = 100;

    /// <summary>Returns the documents of refused calls; null where these are not known.</summary>
    public static ImmutableArray<RefusalsDocument>? From(IReadOnlyDictionary<ulong, RefusedConnects>? refused) =>
        refused is null
            ? null
            :
            [
                .. refused.Select(static one => new RefusalsDocument(
                    one.Key,
                    one.Value.Others,
                    [.. one.Value.Worst.Select(RefusalDocument.From)]
                )),
            ];

    /// <summary>Returns the refused calls by inode. Entries that no server writes are left out.</summary>
    public static IReadOnlyDictionary<ulong, RefusedConnects> Read(ImmutableArray<RefusalsDocument> documents) =>
        documents
            .OfType<RefusalsDocument>()
            .DistinctBy(static one => one.Inode)
            .ToDictionary(
                static one => one.Inode,
                static one => new RefusedConnects(
                    one.Worst.IsDefault
                        ? []
                        : [.. one.Worst.Take(WorstAtMost).Select(RefusalDocument.Read).OfType<RefusedConnect>()],
                    Math.Max(one.Others, 0)
                )
            );
}

/// <summary>The refused calls of a program towards one destination; see <see cref="RefusedConnect"/>.</summary>
sealed record RefusalDocument(
    string Process,
    int Pid,
    string Destination,
    ulong CgroupId,
    long Count,
    DateTimeOffset Last
)
{
    public static RefusalDocument From(RefusedConnect refused) =>
        new(refused.Process, refused.Pid, $"{refused.Destination}", refused.CgroupId, refused.Count, refused.Last);

    /// <summary>Returns the refused calls; null where a field is none that a server writes.</summary>
    public static RefusedConnect? Read(RefusalDocument? document) =>
        document is { Count: > 0, Process.Length: <= 2 * Bounds.NameBytes }
        && IPEndPoint.TryParse(document.Destination, out var destination)
            ? new()
            {
                Process = document.Process,
                Pid = document.Pid,
                Destination = destination,
                CgroupId = document.CgroupId,
                Count = document.Count,
                Last = document.Last,
            }
            : null;
}
