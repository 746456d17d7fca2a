using System.Collections.Immutable;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Testing;

/// <summary>Runs readers on the calling thread, so that they see its namespaces.</summary>
static class ReadHere
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Takes a snapshot with all given readers, and values that stand for those of others.</summary>
    public static Snapshot SnapshotHere(
        this ImmutableArray<Reader> readers,
        DateTimeOffset? time = null,
        TimeSpan? timeout = null,
        params ImmutableArray<object> known
    ) =>
        new(
            time ?? DateTimeOffset.UtcNow,
            SamplingPass.Run(readers, Deadline.After(timeout ?? Timeout), null, known).Runs()
        );

    /// <summary>Runs one reader that needs no other.</summary>
    public static ReaderRun RunHere(this Reader reader) =>
        SamplingPass.Run([reader], Deadline.After(Timeout)).Runs()[0];

    /// <summary>Presents the readings of another namespace as the exporter's own.</summary>
    public static Snapshot AsSnapshot(this Readings readings) => new(DateTimeOffset.UtcNow, readings.Runs);
}
