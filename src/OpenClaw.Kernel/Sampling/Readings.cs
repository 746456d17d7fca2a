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

    /// <summary>Readings of nothing.</summary>
    public static Readings None { get; } = new([]);

    /// <summary>The run of each reader, in the order of their list.</summary>
    public ImmutableArray<ReaderRun> Runs { get; }

    /// <summary>True where a reader of this type ran.</summary>
    public bool Has<T>() => _byType.ContainsKey(typeof(T));

    /// <summary>The value of the reader of this type, or the reason why there is none.</summary>
    public Reading<T> Get<T>() =>
        _byType.TryGetValue(typeof(T), out var run) ? ((ReaderRun<T>)run).Reading : Missing.NotAsked<T>();

    /// <summary>
    /// The part that the reader of this type could not read, even where it has a value; null when nothing is missing.
    /// </summary>
    public Missing? FailureOf<T>() => _byType.GetValueOrDefault(typeof(T))?.Failure;
}
