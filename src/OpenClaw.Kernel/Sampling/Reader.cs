using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>Asks the kernel one thing. One instance runs in one sampling at a time.</summary>
public abstract class Reader
{
    private protected Reader(string name, string source) => (Name, Source) = (name, source);

    /// <summary>Its name in metrics and logs.</summary>
    public string Name { get; }

    /// <summary>The kernel file or request it reads.</summary>
    public string Source { get; }

    /// <summary>
    /// Whether it takes microseconds whatever the machine holds, and keeps nothing from one run to the next: then it may be
    /// run every second, beside a sampling.
    /// </summary>
    public bool IsConstantTime { get; init; }

    /// <summary>The type of its value, by which a snapshot is asked for it.</summary>
    internal abstract Type ValueType { get; }

    internal abstract ReaderRun Run(SamplingPass sampling);

    internal abstract ReaderRun TimedOut(TimeSpan duration);
}

/// <summary>A reader whose value is a <typeparamref name="T"/>; each type has one reader.</summary>
public abstract class Reader<T>(string name, string source) : Reader(name, source)
{
    internal override Type ValueType => typeof(T);

    /// <summary>Reads. Anything expected to go wrong is a missing value; exceptions are bugs, and become one too.</summary>
    protected abstract Reading<T> Read(SamplingPass sampling);

    /// <summary>What is missing although there is a value; null when nothing is.</summary>
    protected virtual Missing? Shortfall(T value) => null;

    internal override ReaderRun Run(SamplingPass sampling)
    {
        var start = Stopwatch.GetTimestamp();
        Reading<T> reading;
        try
        {
            reading = Read(sampling);
        }
#pragma warning disable CA1031 // One reader's bug must not take the other readers' metrics with it.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            reading = new Missing(Absence.Failed, $"{Source}: {bug}");
        }

        var failure = reading.TryGet(out var value) ? Shortfall(value) : reading.Missing;
        return new ReaderRun<T>(this, Stopwatch.GetElapsedTime(start), failure, reading);
    }

    internal override ReaderRun TimedOut(TimeSpan duration)
    {
        var missing = new Missing(Absence.TimedOut, $"{Source}: no answer within {duration.TotalSeconds:0.###} s");
        return new ReaderRun<T>(this, duration, missing, missing);
    }
}

/// <summary>A reader made of functions.</summary>
sealed class FunctionReader<T>(string name, string source, Func<SamplingPass, Reading<T>> read, Func<T, Missing?>? shortfall = null)
    : Reader<T>(name, source)
{
    protected override Reading<T> Read(SamplingPass sampling) => read(sampling);

    protected override Missing? Shortfall(T value) => shortfall?.Invoke(value);
}

/// <summary>How one reader fared in one snapshot.</summary>
/// <param name="Reader">The reader.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Failure">What it could not read; null when it read everything.</param>
public abstract record ReaderRun(Reader Reader, TimeSpan Duration, Missing? Failure);

sealed record ReaderRun<T>(Reader Reader, TimeSpan Duration, Missing? Failure, Reading<T> Reading)
    : ReaderRun(Reader, Duration, Failure);
