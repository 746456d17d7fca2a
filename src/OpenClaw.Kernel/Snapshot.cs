using System.Collections.Immutable;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel;

/// <summary>
/// Everything read from the kernel at one moment: the machine and its network namespaces. The exporter's own namespace
/// is one of them. A snapshot never changes; the next one replaces it as a whole.
/// </summary>
public sealed class Snapshot
{
    internal Snapshot(DateTimeOffset time, ImmutableArray<ReaderRun> runs)
        : this(new ClockReading(time, null), runs) { }

    internal Snapshot(ClockReading clock, ImmutableArray<ReaderRun> runs)
    {
        Clock = clock;
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

    /// <summary>The time at which the snapshot was started.</summary>
    public DateTimeOffset Time => Clock.Time;

    /// <summary>The same time, which also tells whether the wall clock was set since another snapshot.</summary>
    public ClockReading Clock { get; }

    /// <summary>The run of each reader, in the order of the list of readers.</summary>
    public ImmutableArray<ReaderRun> Runs { get; }

    /// <summary>
    /// The better sources that could not be read in some network namespace, each with its reader. The same reason is
    /// there once.
    /// </summary>
    public IEnumerable<(string Reader, Fallback Fallback)> Fallbacks =>
        (Machine.Get<NamespaceSnapshots>().TryGet(out var others) ? others.Used : [])
            .SelectMany(static seen => seen.Readings.Runs)
            .Concat(Runs)
            .Where(static run => run.Fallback is not null)
            .Select(static run => (run.Reader.Name, run.Fallback!))
            .Distinct();

    /// <summary>The values that exist once on the machine.</summary>
    public Readings Machine { get; }

    /// <summary>The machine, with the values of the exporter's own network namespace. The view has no name.</summary>
    public NamespaceView WholeMachine { get; }

    /// <summary>The network namespaces that were requested, the exporter's own first.</summary>
    public ImmutableArray<NamespaceView> Namespaces { get; }

    /// <summary>The exporter's own network namespace, requested or not.</summary>
    public NamespaceView Own { get; }

    /// <summary>
    /// The part of the machine's network namespaces that it covers; null where they could not be listed.
    /// </summary>
    public NamespaceScope? Scope => NamespaceScope.Create(Machine, Namespaces.Length);

    /// <summary>The reason why requested network namespaces are not in the list; null when all are.</summary>
    public Missing? Unseen =>
        Machine.Get<NamespaceSnapshots>().TryGet(out var others) && (others.IncludesOwn || !others.Used.IsEmpty)
            ? null
            : Machine.FailureOf<NamespaceSnapshots>();

    /// <summary>
    /// True where only some readers were requested, so that nobody can conclude that the machine is healthy.
    /// </summary>
    public bool IsPart { get; private init; }

    /// <summary>Returns the same snapshot, reduced to some of the readers.</summary>
    public Snapshot Only(Func<Reader, bool> readers) =>
        new(Clock, [.. Runs.Where(run => readers(run.Reader))]) { IsPart = true };

    /// <summary>Returns the value of this type from the exporter's own network namespace.</summary>
    public Reading<T> Get<T>() => Own.Get<T>();

    /// <summary>
    /// Returns the part that the reader of this type could not read, even where it has a value; null when nothing is
    /// missing.
    /// </summary>
    public Missing? FailureOf<T>() => Own.FailureOf<T>();

    NamespaceView Foreign(NamespaceSnapshot seen) =>
        new(seen.Namespace.Name, seen.Namespace, Machine, seen.Readings) { NotEntered = seen.Missing };
}
