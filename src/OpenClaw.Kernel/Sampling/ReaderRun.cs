namespace OpenClaw.Kernel.Sampling;

/// <summary>The run of one reader in one pass.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Duration">The reader's own time, without the readers whose values it needs.</param>
/// <param name="Failure">The part that it could not read; null when it read everything.</param>
public abstract record ReaderRun(Reader Reader, TimeSpan Duration, Missing? Failure)
{
    /// <summary>The kernel file or request that the value came from.</summary>
    public string Source { get; init; } = Reader.Source;

    /// <summary>
    /// The better source that could not be read, where the value came from the next one; null where it came from the
    /// best one.
    /// </summary>
    public Fallback? Fallback { get; init; }

    /// <summary>The exception of a bug in the reader, for the log; null for every other failure.</summary>
    public Exception? Mistake { get; init; }

    /// <summary>True where the reading has a value.</summary>
    public abstract bool HasValue { get; }
}

/// <summary>A source that could not be read although the value is there, from another source.</summary>
/// <param name="Lost">The parts that only this source shows, in words.</param>
/// <param name="Why">The reason why it could not be read.</param>
public sealed record Fallback(string Lost, Missing Why);

sealed record ReaderRun<T>(Reader Reader, TimeSpan Duration, Missing? Failure, Reading<T> Reading)
    : ReaderRun(Reader, Duration, Failure)
{
    public override bool HasValue => Reading.Missing is null;
}
