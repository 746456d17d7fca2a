using System.Collections.Immutable;

namespace OpenClaw.Kernel.Sampling;

/// <summary>Everything read from the kernel at one moment. It never changes; the next one replaces it whole.</summary>
public sealed class Snapshot
{
    readonly ImmutableDictionary<Type, ReaderRun> _byType;

    internal Snapshot(DateTimeOffset time, ImmutableArray<ReaderRun> runs)
    {
        Time = time;
        Runs = runs;
        _byType = runs.ToImmutableDictionary(static run => run.Reader.ValueType);
    }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>How each reader fared, in the order of their list.</summary>
    public ImmutableArray<ReaderRun> Runs { get; }

    /// <summary>The same moment as some of the readers saw it.</summary>
    public Snapshot Only(Func<Reader, bool> readers) => new(Time, [.. Runs.Where(run => readers(run.Reader))]);

    /// <summary>What the reader of this type read, or why it could not.</summary>
    public Reading<T> Get<T>() =>
        _byType.TryGetValue(typeof(T), out var run)
            ? ((ReaderRun<T>)run).Reading
            : new Missing(Absence.NotPresent, $"no reader of {typeof(T).Name} is enabled");

    /// <summary>What the reader of this type could not read, even where it has a value; null when nothing is missing.</summary>
    public Missing? FailureOf<T>() => _byType.GetValueOrDefault(typeof(T))?.Failure;
}
