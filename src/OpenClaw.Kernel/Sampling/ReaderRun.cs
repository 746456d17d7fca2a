namespace OpenClaw.Kernel.Sampling;

/// <summary>The run of one reader in one pass.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Duration">Its own time, without the readers whose values it needs.</param>
/// <param name="Failure">What it could not read; null when it read everything.</param>
public abstract record ReaderRun(Reader Reader, TimeSpan Duration, Missing? Failure)
{
    /// <summary>
    /// The exception behind a failure that is a mistake of the reader, for the log; null for every other.
    /// </summary>
    public Exception? Mistake { get; init; }
}

sealed record ReaderRun<T>(Reader Reader, TimeSpan Duration, Missing? Failure, Reading<T> Reading)
    : ReaderRun(Reader, Duration, Failure);
