using System.Collections.Immutable;
using System.Diagnostics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Timeline;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The exposition that everybody sees at the moment. Whoever asks gets the last one if it is young enough, joins the
/// one that is being made, or has a new one made: however many ask, the kernel is asked once. Readers always have the
/// same time; whoever cannot wait so long gets what there is by then, and nobody else gets that.
/// </summary>
/// <param name="sampler">What makes snapshots.</param>
/// <param name="maxAge">How old an exposition may be to be served again.</param>
/// <param name="namespacesShown">How many network namespaces are shown one by one.</param>
/// <param name="remember">Called with each diagnosis once.</param>
/// <param name="logger">Where readers that fail are reported.</param>
sealed partial class CurrentExposition(
    Sampler sampler,
    TimeSpan maxAge,
    int namespacesShown,
    Action<Diagnosis> remember,
    ILogger<CurrentExposition> logger
)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, Absence> _reported = [];
    (PendingSnapshot Snapshot, Task<Exposition> Exposition)? _latest;
    volatile SymptomHistory _history = SymptomHistory.Empty;
    long _completedAt = Stopwatch.GetTimestamp();

    /// <summary>How long readers may take, and anybody can wait for them.</summary>
    public static TimeSpan TimeoutAtMost { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long ago the last exposition was made; before the first, how long none was.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(Volatile.Read(ref _completedAt));

    /// <summary>An exposition no older than the maximum age.</summary>
    /// <param name="timeout">How long the caller waits for readers that are not done yet; they are left out
    /// then.</param>
    /// <param name="wanted">The readers that are asked for; all when null.</param>
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
    /// An exposition of some readers, for which only those run, with what they need. Nobody else gets it, and it is not
    /// remembered.
    /// </summary>
    async Task<Exposition> PartAsync(TimeSpan timeout, Func<Reader, bool> wanted)
    {
        var pending = sampler.Begin(TimeoutAtMost, wanted);
        await ((Task)pending.Whole).WaitAsync(timeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Publish(pending.SoFar());
    }

    /// <summary>The names of the readers, of which a scraper may ask for some.</summary>
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
    /// The last one while it is young enough, or the one that is being made; null when a new one is needed.
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

        // One is made at a time, so that none is lost in between.
        _history = _history.With(exposition.Diagnosis.SymptomLevels);
        remember(exposition.Diagnosis);
        Report([.. exposition.Diagnosis.Failures, .. exposition.Mistakes]);
        foreach (var (family, bug) in exposition.Bugs)
            FamilyFails(bug, family);
        foreach (var run in snapshot.Runs.Where(static run => run.Mistake is not null))
            ReaderMistaken(run.Mistake!, run.Reader.Name);
        Volatile.Write(ref _completedAt, Stopwatch.GetTimestamp());
        return exposition;
    }

    Exposition Publish(Snapshot snapshot) => Exposition.Publish(Diagnosis.Judge(snapshot, namespacesShown, _history));

    /// <summary>Logs what begins to fail, fails differently or works again; not at every scrape.</summary>
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
                ReaderFails(name, why.Reason, why.Detail);
        }

        foreach (var name in _reported.Keys.Except(failures.Select(static failure => failure.Name)).ToList())
        {
            _ = _reported.Remove(name);
            ReaderWorks(name);
        }
    }

    [LoggerMessage(LogLevel.Information, "Reader {Reader} finds nothing to read here: {Detail}")]
    partial void ReaderFindsNothing(string reader, string detail);

    [LoggerMessage(LogLevel.Warning, "Reader {Reader} has no value ({Reason}): {Detail}")]
    partial void ReaderFails(string reader, Absence reason, string detail);

    [LoggerMessage(LogLevel.Debug, "Metric family {Family} is left out")]
    partial void FamilyFails(Exception bug, string family);

    [LoggerMessage(LogLevel.Debug, "Reader {Reader} threw")]
    partial void ReaderMistaken(Exception mistake, string reader);

    [LoggerMessage(LogLevel.Information, "Reader {Reader} works again")]
    partial void ReaderWorks(string reader);
}
