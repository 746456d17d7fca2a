using System.Collections.Immutable;
using System.Diagnostics;
using OpenClaw.Exporter.Pools;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The exposition that everybody sees at the moment. Whoever asks gets the last one if it is young enough, joins the one
/// that is being made, or has a new one made: however many ask, the kernel is asked once.
/// </summary>
/// <param name="sampler">What makes snapshots.</param>
/// <param name="maxAge">How old an exposition may be to be served again.</param>
/// <param name="namespacesShown">How many network namespaces are shown one by one.</param>
/// <param name="remember">Called with each diagnosis once.</param>
/// <param name="logger">Where readers that fail are reported.</param>
sealed partial class CurrentExposition(
    Sampler sampler, TimeSpan maxAge, int namespacesShown, Action<Diagnosis> remember, ILogger<CurrentExposition> logger)
{
    /// <summary>How far back a counter is compared, or to the scrape before this one if that is longer ago.</summary>
    static readonly TimeSpan Back = TimeSpan.FromMinutes(1);

    /// <summary>Levels that are closer to each other are not all kept.</summary>
    static readonly TimeSpan Spacing = TimeSpan.FromSeconds(15);

    readonly Lock _lock = new();
    readonly List<SymptomLevels> _earlier = [];
    readonly Dictionary<string, Absence> _reported = [];
    Task<Exposition> _latest = Task.FromException<Exposition>(new InvalidOperationException("nothing was sampled yet"));
    long _completedAt;

    /// <summary>An exposition no older than the maximum age.</summary>
    /// <param name="timeout">How long the readers may take if a new one is made.</param>
    public Task<Exposition> GetAsync(TimeSpan timeout)
    {
        lock (_lock)
        {
            var isUsable = _latest.IsCompletedSuccessfully
                ? Stopwatch.GetElapsedTime(_completedAt) < maxAge
                : !_latest.IsCompleted;
            return isUsable ? _latest : _latest = MakeAsync(timeout);
        }
    }

    async Task<Exposition> MakeAsync(TimeSpan timeout)
    {
        var snapshot = await sampler.SampleAsync(timeout);
        while (_earlier.Count > 1 && snapshot.Time - _earlier[1].Time >= Back)
            _earlier.RemoveAt(0);
        var exposition = Exposition.Of(Diagnosis.Of(snapshot, namespacesShown, _earlier.FirstOrDefault()));
        if (_earlier.Count == 0 || snapshot.Time - _earlier[^1].Time >= Spacing)
            _earlier.Add(exposition.Diagnosis.SymptomLevels);
        remember(exposition.Diagnosis);
        Report([.. exposition.Diagnosis.Failures, .. exposition.Mistakes]);
        _completedAt = Stopwatch.GetTimestamp();
        return exposition;
    }

    /// <summary>Logs what begins to fail, fails differently or works again; not at every scrape.</summary>
    void Report(ImmutableArray<(string Name, Missing Why)> failures)
    {
        foreach (var (name, why) in failures)
        {
            if (_reported.TryGetValue(name, out var reason) && reason == why.Reason)
                continue;
            _reported[name] = why.Reason;
            if (why.Reason == Absence.NotPresent)
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

    [LoggerMessage(LogLevel.Information, "Reader {Reader} works again")]
    partial void ReaderWorks(string reader);
}
