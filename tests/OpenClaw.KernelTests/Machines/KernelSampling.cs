using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>The exporter's own readers, run on the thread of a namespace.</summary>
static class KernelSampling
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>All readers, with enough names that none is left out.</summary>
    /// <param name="watch">Which processes are watched: those of other tests, which run at the same time, are there
    /// too.</param>
    public static ImmutableArray<Reader> Readers(string watch = "openclaw") =>
        KernelReaders.All(new ProcMount(), new Regex(watch), worst: 1000);

    /// <summary>One value, read now in the namespace.</summary>
    public static Reading<T> Read<T>(this PrivateNamespace netns, ImmutableArray<Reader> readers) =>
        netns.Run(() => SamplingPass.Read<T>(readers, Deadline.After(Timeout)));

    /// <summary>What some of them see on the calling thread, by their names.</summary>
    public static Snapshot SnapshotOf(params string[] readers) => SnapshotOf(Readers(), readers);

    /// <inheritdoc cref="SnapshotOf(string[])"/>
    public static Snapshot SnapshotOf(ImmutableArray<Reader> all, params string[] readers)
    {
        var chosen = all.Where(reader => readers.Contains(reader.Name)).ToImmutableArray();
        Assert.Equal(readers.Length, chosen.Length);
        return chosen.SnapshotHere();
    }
}
