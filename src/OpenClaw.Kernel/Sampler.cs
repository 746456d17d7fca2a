using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel;

/// <summary>
/// Takes snapshots with a list of readers. The readers run one after the other on a thread of the sampler's own.
/// </summary>
public sealed class Sampler : IDisposable
{
    readonly TimeProvider _clock;
    readonly PassThread _thread;

    /// <summary>
    /// Creates a sampler without starting anything. Throws <see cref="InvalidOperationException"/> where readers need
    /// each other in a circle.
    /// </summary>
    /// <param name="readers">The readers. A reader runs after the readers whose values it needs.</param>
    /// <param name="clock">The clock that dates the snapshots.</param>
    public Sampler(ImmutableArray<Reader> readers, TimeProvider clock)
    {
        Readers = readers;
        _clock = clock;
        _thread = new(new(readers));
    }

    /// <summary>The readers, in the order of the list.</summary>
    public ImmutableArray<Reader> Readers { get; }

    /// <summary>
    /// Starts the threads of the sampler. Without it, the first snapshot starts them. A server does so at its start,
    /// because the machine may have no further thread later.
    /// </summary>
    public void Start() => _thread.Start();

    /// <summary>
    /// Runs every reader. A reader that hangs is reported as timed out, and the others are served. Until it returns,
    /// the sampler neither starts it again nor waits for it.
    /// </summary>
    public Task<Snapshot> SampleAsync(TimeSpan timeout) => Begin(timeout).Whole;

    /// <summary>Starts a snapshot for several callers with different timeouts.</summary>
    /// <param name="timeout">The time that all readers have together.</param>
    /// <param name="wanted">Selects the readers to run, together with the readers that they need; null for all.</param>
    public PendingSnapshot Begin(TimeSpan timeout, Func<Reader, bool>? wanted = null) =>
        new(ClockReading.Now(_clock), _thread.Begin(Deadline.After(timeout), wanted), wanted);

    /// <inheritdoc/>
    public void Dispose() => _thread.Dispose();
}

/// <summary>A snapshot that is being taken.</summary>
public sealed class PendingSnapshot
{
    readonly ClockReading _clock;
    readonly PendingPass _pass;
    readonly Func<Reader, bool>? _wanted;

    internal PendingSnapshot(ClockReading clock, PendingPass pass, Func<Reader, bool>? wanted)
    {
        (_clock, _pass, _wanted) = (clock, pass, wanted);
        Whole = WholeAsync();
    }

    /// <summary>Completes when every reader has returned or was given up.</summary>
    public Task<Snapshot> Whole { get; }

    /// <summary>
    /// Returns the part that is complete now. Readers that have not returned are reported as timed out.
    /// </summary>
    public Snapshot SoFar()
    {
        var snapshot = new Snapshot(_clock, _pass.Runs());
        return _wanted is null ? snapshot : snapshot.Only(_wanted);
    }

    async Task<Snapshot> WholeAsync()
    {
        await _pass.Done;
        return SoFar();
    }
}
