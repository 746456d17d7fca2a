using System.Collections.Immutable;

namespace OpenClaw.Kernel.Sampling;

/// <summary>The runs of some readers at one moment. It never changes.</summary>
public sealed class Readings
{
    readonly Dictionary<Type, ReaderRun> _byType;

    internal Readings(ImmutableArray<ReaderRun> runs)
    {
        Runs = runs;
        _byType = new(runs.Length);
        foreach (var run in runs)
            _byType.Add(run.Reader.ValueType, run);
    }

    /// <summary>The readings of no reader.</summary>
    public static Readings None { get; } = new([]);

    /// <summary>The run of each reader, in the order of the list.</summary>
    public ImmutableArray<ReaderRun> Runs { get; }

    /// <summary>Returns true where a reader of this type ran.</summary>
    public bool Has<T>() => _byType.ContainsKey(typeof(T));

    /// <summary>Returns the value of the reader of this type, or the reason why it is missing.</summary>
    public Reading<T> Get<T>() =>
        _byType.TryGetValue(typeof(T), out var run) ? ((ReaderRun<T>)run).Reading : Missing.NotAsked<T>();

    /// <summary>
    /// Returns the part that the reader of this type could not read, even where it has a value; null when nothing is
    /// missing.
    /// </summary>
    public Missing? FailureOf<T>() => _byType.GetValueOrDefault(typeof(T))?.Failure;
}
