using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel;

/// <summary>Takes snapshots with a list of readers, one after the other on a thread of its own.</summary>
public sealed class Sampler : IDisposable
{
    readonly TimeProvider _clock;
    readonly PassThread _thread;

    /// <summary>
    /// Begins nothing yet; throws <see cref="InvalidOperationException"/> where readers need each other in a circle.
    /// </summary>
    /// <param name="readers">The readers; those that need another one's value run after it.</param>
    /// <param name="clock">The time of the snapshots.</param>
    public Sampler(ImmutableArray<Reader> readers, TimeProvider clock)
    {
        Readers = readers;
        _clock = clock;
        _thread = new(new(readers));
    }

    /// <summary>Its readers, in the order of their list.</summary>
    public ImmutableArray<Reader> Readers { get; }

    /// <summary>
    /// Runs every reader. One that hangs is reported as timed out and the rest is served; until it has come back it is
    /// neither started again nor waited for.
    /// </summary>
    public Task<Snapshot> SampleAsync(TimeSpan timeout) => Begin(timeout).Whole;

    /// <summary>The same, for several who do not wait equally long.</summary>
    /// <param name="timeout">The time that the readers have together.</param>
    /// <param name="wanted">The readers to run, with what they need; all when null.</param>
    public PendingSnapshot Begin(TimeSpan timeout, Func<Reader, bool>? wanted = null) =>
        new(_clock.GetUtcNow(), _thread.Begin(Deadline.After(timeout), wanted), wanted);

    /// <inheritdoc/>
    public void Dispose() => _thread.Dispose();
}

/// <summary>A snapshot that is being taken.</summary>
public sealed class PendingSnapshot
{
    readonly DateTimeOffset _time;
    readonly PendingPass _pass;
    readonly Func<Reader, bool>? _wanted;

    internal PendingSnapshot(DateTimeOffset time, PendingPass pass, Func<Reader, bool>? wanted)
    {
        (_time, _pass, _wanted) = (time, pass, wanted);
        Whole = WholeAsync();
    }

    /// <summary>The snapshot when every reader has come back, or was given up.</summary>
    public Task<Snapshot> Whole { get; }

    /// <summary>The part of it that there is now; readers that have not come back are reported as timed out.</summary>
    public Snapshot SoFar()
    {
        var snapshot = new Snapshot(_time, _pass.Runs());
        return _wanted is null ? snapshot : snapshot.Only(_wanted);
    }

    async Task<Snapshot> WholeAsync()
    {
        await _pass.Done;
        return SoFar();
    }
}
