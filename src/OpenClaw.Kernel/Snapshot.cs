using System.Collections.Immutable;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel;

/// <summary>
/// Everything read from the kernel at one moment: the machine, and its network namespaces, of which the exporter's own
/// is one among equals. It never changes; the next one replaces it whole.
/// </summary>
public sealed class Snapshot
{
    internal Snapshot(DateTimeOffset time, ImmutableArray<ReaderRun> runs)
    {
        Time = time;
        Runs = runs;
        Machine = new([.. runs.Where(static run => !run.Reader.IsPerNamespace)]);
        var own = new Readings([.. runs.Where(static run => run.Reader.IsPerNamespace)]);
        WholeMachine = new("", null, Machine, own);
        Own = Machine.Get<NetworkNamespaces>().TryGet(out var namespaces)
            ? new(namespaces.Own.Name, namespaces.Own, Machine, own)
            : new(NetworkNamespaces.Self, null, Machine, own);
        if (Machine.Get<NamespaceSnapshots>().TryGet(out var others))
        {
            var used = others.Used.Select(Foreign);
            Namespaces = others.IncludesOwn ? [Own, .. used] : [.. used];
        }
        else
        {
            Namespaces = [Own];
        }
    }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The run of each reader, in the order of their list.</summary>
    public ImmutableArray<ReaderRun> Runs { get; }

    /// <summary>The values that the machine has once.</summary>
    public Readings Machine { get; }

    /// <summary>The machine, as its values show in the exporter's own network namespace; it has no name.</summary>
    public NamespaceView WholeMachine { get; }

    /// <summary>The network namespaces that were asked for, the exporter's own first.</summary>
    public ImmutableArray<NamespaceView> Namespaces { get; }

    /// <summary>The exporter's own network namespace, asked for or not.</summary>
    public NamespaceView Own { get; }

    /// <summary>Why network namespaces that were asked for are not in the list; null when all are.</summary>
    public Missing? Unseen =>
        Machine.Get<NamespaceSnapshots>().TryGet(out var others) && (others.IncludesOwn || !others.Used.IsEmpty)
            ? null
            : Machine.FailureOf<NamespaceSnapshots>();

    /// <summary>True where only some of the readers were asked for, so that nobody can say that all is well.</summary>
    public bool IsPart { get; private init; }

    /// <summary>The same moment as some of the readers saw it.</summary>
    public Snapshot Only(Func<Reader, bool> readers) =>
        new(Time, [.. Runs.Where(run => readers(run.Reader))]) { IsPart = true };

    /// <summary>The value of the reader of this type, as the exporter's own network namespace has it.</summary>
    public Reading<T> Get<T>() => Own.Get<T>();

    /// <summary>
    /// The part that the reader of this type could not read, even where it has a value; null when nothing is missing.
    /// </summary>
    public Missing? FailureOf<T>() => Own.FailureOf<T>();

    NamespaceView Foreign(NamespaceSnapshot seen) =>
        new(seen.Namespace.Name, seen.Namespace, Machine, seen.Readings) { NotEntered = seen.Missing };
}
