using System.Collections.Immutable;
using System.Diagnostics;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Refusals;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The exposition that all clients share. A request gets the last one if it is recent, waits for the one in progress,
/// or starts a new one. So the kernel is read once, however many clients ask. The readers always have the same time. A
/// client with a shorter timeout gets the part that is ready; no other client gets that part.
/// </summary>
/// <param name="sampler">The sampler of the snapshots.</param>
/// <param name="maxAge">The greatest age of an exposition that is served again.</param>
/// <param name="namespacesShown">The number of network namespaces that are shown one by one.</param>
/// <param name="logger">The log of failing readers.</param>
/// <param name="episodes">The episodes, which see each whole snapshot; null for none.</param>
/// <param name="thresholds">The thresholds of the pools; null for those of the catalogue.</param>
sealed partial class CurrentExposition(
    Sampler sampler,
    TimeSpan maxAge,
    int namespacesShown,
    ILogger<CurrentExposition> logger,
    CurrentEpisodes? episodes = null,
    PoolThresholds? thresholds = null
)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, Absence> _reported = [];
    readonly HashSet<(string Reader, string Reason)> _reportedFallbacks = [];
    (PendingSnapshot Snapshot, Task<Exposition> Exposition)? _latest;
    volatile CurrentTimeline _timeline = new(History.Timeline.Empty, null, null);
    long _completedAt = Stopwatch.GetTimestamp();

    /// <summary>The time limit for readers, and for a client's wait.</summary>
    public static TimeSpan TimeoutAtMost { get; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The time since the last exposition was complete; before the first one, the time since the start.
    /// </summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(Volatile.Read(ref _completedAt));

    /// <summary>The timeline up to the last complete snapshot.</summary>
    public CurrentTimeline Timeline => _timeline;

    /// <summary>Starts the threads that snapshots need, before there may be no further one.</summary>
    public void Start() => sampler.Start();

    /// <summary>Returns an exposition no older than the maximum age.</summary>
    /// <param name="timeout">The time that the caller waits for readers. The exposition omits readers that are not
    /// ready by then.</param>
    /// <param name="wanted">Selects the requested readers; null for all.</param>
    public async Task<Exposition> GetAsync(TimeSpan timeout, Func<Reader, bool>? wanted = null)
    {
        if (wanted is not null && Current() is null)
            return await PartAsync(timeout, wanted);
        var (snapshot, exposition) = Latest();
        await ((Task)exposition).WaitAsync(timeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var whole = exposition.IsCompleted ? await exposition : Publish(snapshot.SoFar());
        return wanted is null
            ? whole
            : Exposition.Publish(whole.Diagnosis.JudgePart(whole.Diagnosis.Snapshot.Only(wanted)));
    }

    /// <summary>
    /// Returns an exposition of some readers. Only these run, with the readers that they need. It is for this client
    /// only, and is not remembered.
    /// </summary>
    async Task<Exposition> PartAsync(TimeSpan timeout, Func<Reader, bool> wanted)
    {
        var pending = sampler.Begin(TimeoutAtMost, wanted);
        await ((Task)pending.Whole).WaitAsync(timeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Publish(pending.SoFar());
    }

    /// <summary>The readers. A scraper may request some of them by name.</summary>
    public ImmutableArray<Reader> Readers => sampler.Readers;

    (PendingSnapshot Snapshot, Task<Exposition> Exposition) Latest()
    {
        lock (_lock)
        {
            if (Current() is { } latest)
                return latest;
            var snapshot = sampler.Begin(TimeoutAtMost);
            _latest = (snapshot, MakeAsync(snapshot.Whole));
            return _latest.Value;
        }
    }

    /// <summary>
    /// Returns the last exposition while it is recent, or the one in progress; null when a new one is necessary.
    /// </summary>
    (PendingSnapshot Snapshot, Task<Exposition> Exposition)? Current()
    {
        lock (_lock)
        {
            if (_latest is not { } latest)
                return null;
            var isCurrent = latest.Exposition.IsCompletedSuccessfully ? Age < maxAge : !latest.Exposition.IsCompleted;
            return isCurrent ? latest : null;
        }
    }

    async Task<Exposition> MakeAsync(Task<Snapshot> whole)
    {
        var snapshot = await whole;
        var exposition = Publish(snapshot);

        // Only one exposition is made at a time, so that the timeline loses none.
        _timeline = new(
            exposition.Diagnosis.Timeline,
            TimelineOrigin.From(snapshot),
            RefusedConnectSymptom.ByInode(snapshot)
        );
        episodes?.Observe(exposition.Diagnosis);
        Report([.. exposition.Diagnosis.Failures, .. exposition.Mistakes]);
        foreach (var (reader, fallback) in snapshot.Fallbacks)
        {
            if (_reportedFallbacks.Add((reader, fallback.Why.Detail)))
                ReaderFallsBack(reader, fallback.Lost, fallback.Why.Detail);
        }

        foreach (var (family, bug) in exposition.Bugs)
            FamilyFails(bug, family);
        foreach (var run in snapshot.Runs.Where(static run => run.Mistake is not null))
            ReaderMistaken(run.Mistake!, run.Reader.Name);
        Volatile.Write(ref _completedAt, Stopwatch.GetTimestamp());
        return exposition;
    }

    Exposition Publish(Snapshot snapshot) =>
        Exposition.Publish(Diagnosis.Judge(snapshot, namespacesShown, _timeline.Timeline, thresholds));

    /// <summary>
    /// Logs a reader that starts to fail, fails for another reason, or works again. It does not log at every scrape.
    /// </summary>
    void Report(ImmutableArray<(string Name, Missing Why)> failures)
    {
        foreach (var (name, why) in failures)
        {
            if (_reported.TryGetValue(name, out var reason) && reason == why.Reason)
                continue;
            _reported[name] = why.Reason;
            if (!why.IsUnseen)
                ReaderFindsNothing(name, why.Detail);
            else
                ReaderFails(name, SnakeCase.Convert(why.Reason), why.Detail);
        }

        foreach (var name in _reported.Keys.Except(failures.Select(static failure => failure.Name)).ToList())
        {
            _ = _reported.Remove(name);
            ReaderWorks(name);
        }
    }

    [LoggerMessage(LogLevel.Information, "Collector {Reader} is not available on this machine: {Detail}")]
    partial void ReaderFindsNothing(string reader, string detail);

    [LoggerMessage(LogLevel.Information, "Collector {Reader} reads a dump, without {Lost}: {Detail}")]
    partial void ReaderFallsBack(string reader, string lost, string detail);

    [LoggerMessage(LogLevel.Warning, "Collector {Reader} failed ({Reason}): {Detail}")]
    partial void ReaderFails(string reader, string reason, string detail);

    [LoggerMessage(LogLevel.Debug, "Metric family {Family} failed and is omitted")]
    partial void FamilyFails(Exception bug, string family);

    [LoggerMessage(LogLevel.Debug, "Reader {Reader} threw")]
    partial void ReaderMistaken(Exception mistake, string reader);

    [LoggerMessage(LogLevel.Information, "Reader {Reader} works again")]
    partial void ReaderWorks(string reader);
}

/// <summary>A timeline and its place.</summary>
/// <param name="Timeline">The timeline.</param>
/// <param name="Origin">The place; null before the first snapshot, and where the place cannot be identified.</param>
/// <param name="Refused">The refused calls up to its end; null where they are not counted.</param>
sealed record CurrentTimeline(
    Timeline Timeline,
    TimelineOrigin? Origin,
    IReadOnlyDictionary<ulong, RefusedConnects>? Refused
);
