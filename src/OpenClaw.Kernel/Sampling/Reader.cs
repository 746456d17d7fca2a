using System.Collections.Immutable;
using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>Asks the kernel one thing. One instance runs in one pass at a time.</summary>
public abstract class Reader
{
    private protected Reader(string name, string source) => (Name, Source) = (name, source);

    /// <summary>Its name in metrics and logs.</summary>
    public string Name { get; }

    /// <summary>The kernel file or request it reads.</summary>
    public string Source { get; }

    /// <summary>
    /// The types of the values of other readers that it asks the pass for. Those run before it; one that is missing
    /// costs what this reader makes of it, and no more.
    /// </summary>
    public virtual ImmutableArray<Type> Needs { get; init; } = [];

    /// <summary>
    /// True where all other readers wait for it: it takes for a moment what they look at or need themselves.
    /// </summary>
    public bool RunsFirst { get; init; }

    /// <summary>True where its value is one network namespace's: that of the thread that reads.</summary>
    internal abstract bool IsPerNamespace { get; }

    /// <summary>Its cost: cheap readers run first, so that whoever waits for a short time gets most.</summary>
    public ReaderCost Cost { get; init; } = ReaderCost.Small;

    /// <summary>
    /// The time after which a call that has not come back is given up with its thread. It bounds a call that hangs;
    /// what takes long by itself looks at the pass's deadline.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// True where it may wait for long by design: then it has a thread of its own that stays, beside the sampler's.
    /// </summary>
    public virtual bool HasOwnThread => false;

    /// <summary>
    /// True where it takes microseconds whatever the machine holds, and keeps nothing from one run to the next: then it
    /// may be run every second, between snapshots.
    /// </summary>
    public bool IsConstantTime => Cost == ReaderCost.Constant;

    /// <summary>The type of its value, by which a pass is asked for it.</summary>
    internal abstract Type ValueType { get; }

    internal abstract ReaderRun Run(SamplingPass sampling);

    internal abstract ReaderRun Without(Missing missing, TimeSpan duration);

    internal ReaderRun TimedOut(TimeSpan duration) =>
        Without(new(Absence.TimedOut, $"{Source}: no answer within {duration.TotalSeconds:0.###} s"), duration);
}

/// <summary>Marks a value that each network namespace has its own of; every other value the machine has once.</summary>
public interface IPerNamespace;

/// <summary>The cost of a reader, in the order in which readers run.</summary>
public enum ReaderCost
{
    /// <summary>Microseconds, whatever the machine holds.</summary>
    Constant,

    /// <summary>Some files or a short dump.</summary>
    Small,

    /// <summary>Grows with sockets, processes or namespaces.</summary>
    Large,
}

/// <summary>A reader whose value is a <typeparamref name="T"/>; each type has one reader.</summary>
public abstract class Reader<T>(string name, string source) : Reader(name, source)
{
    internal override Type ValueType => typeof(T);

    internal override bool IsPerNamespace => typeof(T).IsAssignableTo(typeof(IPerNamespace));

    /// <summary>
    /// Reads. Anything expected to go wrong is a missing value; exceptions are bugs, and become one too.
    /// </summary>
    protected abstract Reading<T> Read(SamplingPass sampling);

    /// <summary>The part that is missing although there is a value; null when nothing is.</summary>
    protected virtual Missing? Shortfall(T value) => null;

    internal override ReaderRun Run(SamplingPass sampling)
    {
        var start = Stopwatch.GetTimestamp();
        Reading<T> reading;
        Missing? failure;
        Exception? mistake = null;
        try
        {
            reading = Read(sampling);
            failure = reading.TryGet(out var value) ? Shortfall(value) : reading.Missing;
        }
#pragma warning disable CA1031 // One reader's bug must not take the other readers' metrics with it.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            mistake = bug;
            reading = failure = new Missing(Absence.Failed, $"{Source}: {bug.Message}");
        }

        return new ReaderRun<T>(this, Stopwatch.GetElapsedTime(start), failure, reading) { Mistake = mistake };
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
