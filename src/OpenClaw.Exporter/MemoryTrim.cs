using OpenClaw.Kernel;

namespace OpenClaw.Exporter;

/// <summary>
/// Gives memory back to the machine each minute. After a crowd of clients, the oldest generation of the heap is three
/// times as large as its living objects. Its next collection may be hours away. Pages of the program that served the
/// start or an error stay mapped for ever.
/// </summary>
sealed class MemoryTrim : IDisposable
{
    /// <summary>The time between two trims. Each takes about 5 ms.</summary>
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>The time before the first trim, in which the first scrape may come.</summary>
    static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(1);

    readonly ITimer _timer;
    int _collections = -1;

    /// <summary>Starts the trims.</summary>
    /// <param name="clock">The clock.</param>
    public MemoryTrim(TimeProvider clock) => _timer = clock.CreateTimer(_ => Trim(), null, AfterStart, Interval);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Collects the whole heap, and gives free memory and the pages of the program back.</summary>
    internal void Trim()
    {
        // Without a collection meanwhile, little has happened.
        if (GC.CollectionCount(0) == _collections)
            return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ProgramPages.ReleaseUnused();
        _collections = GC.CollectionCount(0);
    }
}
