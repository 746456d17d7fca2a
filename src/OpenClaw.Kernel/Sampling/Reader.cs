using System.Collections.Immutable;
using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>Reads one thing from the kernel. An instance runs in only one pass at a time.</summary>
public abstract class Reader
{
    private protected Reader(string name, string source) => (Name, Source) = (name, source);

    /// <summary>The name in metrics and logs.</summary>
    public string Name { get; }

    /// <summary>The kernel file or request that it reads; all of them, where there are several sources.</summary>
    public string Source { get; }

    /// <summary>
    /// The types of values that it needs from other readers. These run before it. If a value is missing, the reader
    /// decides what it can read without it.
    /// </summary>
    public virtual ImmutableArray<Type> Needs { get; init; } = [];

    /// <summary>
    /// The types of values that it takes where some reader has them: the kernel does not know them, and the caller may.
    /// These readers run before it, too.
    /// </summary>
    public virtual ImmutableArray<Type> Uses => [];

    /// <summary>
    /// True where all other readers wait for this one. For a moment it holds resources that they read or need
    /// themselves.
    /// </summary>
    public bool RunsFirst { get; init; }

    /// <summary>
    /// True where the value is made of the exporter's own counts and of values that other readers got from the kernel.
    /// </summary>
    public virtual bool IsOwn => false;

    /// <summary>True where the value belongs to one network namespace: that of the calling thread.</summary>
    internal abstract bool IsPerNamespace { get; }

    /// <summary>
    /// The cost of the reader. Cheap readers run first, so that a caller with a short timeout gets as many values as
    /// possible.
    /// </summary>
    public ReaderCost Cost { get; init; } = ReaderCost.Small;

    /// <summary>
    /// The time after which a call that has not returned is given up. It limits a call that hangs; readers that take
    /// long check the pass's deadline themselves.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// True where the reader may wait for long by design. Then it has a permanent thread beside the sampler's.
    /// </summary>
    public virtual bool HasOwnThread => false;

    /// <summary>
    /// True where a run takes microseconds on every machine and keeps no state. Then it may run every second, between
    /// snapshots.
    /// </summary>
    public bool IsConstantTime => Cost == ReaderCost.Constant;

    /// <summary>
    /// Begins beside the caller what the first run would wait for. Without this call, the first run does it.
    /// </summary>
    internal virtual void Prepare() { }

    /// <summary>Starts the threads that work for it beside the passes, before the first one.</summary>
    internal virtual void Start() { }

    /// <summary>The type of the value, by which a pass looks it up.</summary>
    internal abstract Type ValueType { get; }

    internal abstract ReaderRun Run(SamplingPass sampling);

    internal abstract ReaderRun Without(Missing missing, TimeSpan duration);

    internal ReaderRun NotReached() =>
        Without(new(Absence.TimedOut, $"{Source}: deadline passed before its turn"), TimeSpan.Zero);

    internal ReaderRun TimedOut(TimeSpan duration) =>
        Without(new(Absence.TimedOut, $"{Source}: no answer within {duration.TotalSeconds:0.###} s"), duration);
}

/// <summary>Marks a value that each network namespace has. Every other value exists once on the machine.</summary>
public interface IPerNamespace;

/// <summary>The cost of a reader, in the order in which readers run.</summary>
public enum ReaderCost
{
    /// <summary>Takes microseconds on every machine.</summary>
    Constant,

    /// <summary>Reads some files or a short dump.</summary>
    Small,

    /// <summary>Grows with the number of sockets, processes or namespaces.</summary>
    Large,
}

/// <summary>A reader whose value is a <typeparamref name="T"/>. Each type has one reader.</summary>
public abstract class Reader<T>(string name, string source) : Reader(name, source)
{
    internal override Type ValueType => typeof(T);

    internal override bool IsPerNamespace => typeof(T).IsAssignableTo(typeof(IPerNamespace));

    /// <summary>
    /// Reads the value. Every expected failure is a missing value. An exception is a bug, and also becomes a missing
    /// value.
    /// </summary>
    protected abstract Reading<T> Read(SamplingPass sampling);

    /// <summary>Returns the part that is missing although there is a value; null when nothing is missing.</summary>
    protected virtual Missing? Shortfall(T value) => null;

    /// <summary>Returns the failure that a missing value is; null where the reader had nothing to read.</summary>
    protected virtual Missing? FailureFrom(Missing missing) => missing;

    /// <summary>The source of the last value; null where there is only one source.</summary>
    private protected virtual string? Taken => null;

    /// <inheritdoc cref="ReaderRun.Fallback"/>
    private protected virtual Fallback? Fallback => null;

    internal override ReaderRun Run(SamplingPass sampling)
    {
        var start = Stopwatch.GetTimestamp();
        Reading<T> reading;
        Missing? failure;
        Exception? mistake = null;
        try
        {
            reading = Read(sampling);
            failure = reading.TryGet(out var value) ? Shortfall(value) : FailureFrom(reading.Missing!);
        }
#pragma warning disable CA1031 // One reader's bug must not take the other readers' metrics with it.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            mistake = bug;
            var reason = bug is OutOfMemoryException ? "no memory, or no thread can be started" : bug.Message;
            reading = failure = new Missing(Absence.Failed, $"{Source}: {reason}");
        }

        return new ReaderRun<T>(this, Stopwatch.GetElapsedTime(start), failure, reading)
        {
            Source = Taken ?? Source,
            Fallback = Fallback,
            Mistake = mistake,
        };
    }

    internal override ReaderRun Without(Missing missing, TimeSpan duration) =>
        new ReaderRun<T>(this, duration, missing, missing);
}

/// <summary>A reader made of functions.</summary>
sealed class FunctionReader<T>(
    string name,
    string source,
    Func<SamplingPass, Reading<T>> read,
    Func<T, Missing?>? shortfall = null
) : Reader<T>(name, source)
{
    protected override Reading<T> Read(SamplingPass sampling) => read(sampling);

    protected override Missing? Shortfall(T value) => shortfall?.Invoke(value);
}
