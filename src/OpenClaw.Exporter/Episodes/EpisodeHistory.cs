using System.Collections.Immutable;
using OpenClaw.Exporter.Fixes;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Episodes;

/// <summary>
/// The episodes of the last 24 hours, at most 256. It never changes. The next diagnosis makes another one.
/// </summary>
/// <remarks>
/// An episode ends when its problem was neither failing nor close for a minute. It goes on where the same problem
/// returns within five minutes of that end. So flapping is one episode.
/// </remarks>
sealed class EpisodeHistory
{
    /// <summary>The episodes in memory.</summary>
    public const int AtMost = 256;

    /// <summary>The age of an end from which the episode is forgotten.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromDays(1);

    /// <summary>The time without the problem after which its episode has ended.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    /// <summary>The time after the end within which the same problem continues the episode.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromMinutes(5);

    /// <summary>The time without a reading of the resource after which the end is no longer waited for.</summary>
    public static readonly TimeSpan Unseen = TimeSpan.FromMinutes(10);

    EpisodeHistory(ImmutableArray<Episode> all, long last, ImmutableArray<EpisodeCount> counts) =>
        (All, _last, Counts) = (all, last, counts);

    readonly long _last;

    /// <summary>The clocks at the last diagnosis.</summary>
    ClockReading Clock { get; init; }

    /// <summary>The history without episodes.</summary>
    public static EpisodeHistory Empty { get; } = new([], 0, []);

    /// <summary>The episodes, in the order of their begin.</summary>
    public ImmutableArray<Episode> All { get; }

    /// <summary>The number of episodes that began since the exporter started, by pool and code.</summary>
    public ImmutableArray<EpisodeCount> Counts { get; }

    /// <summary>
    /// Returns the history that another process left. Episodes that lasted then go on where the problem is still there;
    /// else their end is unknown.
    /// </summary>
    public static EpisodeHistory Restore(IEnumerable<Episode> episodes)
    {
        var all = episodes.OrderBy(static episode => episode.Number).TakeLast(AtMost).ToImmutableArray();
        return new(all, all is [.., var last] ? last.Number : 0, Empty.Counts);
    }

    /// <summary>Returns this history with a later diagnosis added.</summary>
    public EpisodeHistory With(Diagnosis diagnosis)
    {
        var now = diagnosis.Snapshot.Time;
        var showing = new Dictionary<ProblemKey, Problem>();
        foreach (var problem in diagnosis.Problems.Where(static problem => problem.Phase != Phase.Over))
            _ = showing.TryAdd(ProblemKey.From(problem), problem);

        // Where the wall clock was set, all times move with it, so that no episode ends or goes on because of it.
        var step = diagnosis.Snapshot.Clock.StepSince(Clock);
        var all = (step == TimeSpan.Zero ? All : [.. All.Select(episode => episode.Shift(step))]).ToBuilder();

        // The latest episode of a problem goes on; an earlier one of the same problem has ended.
        for (var i = all.Count - 1; i >= 0; i--)
        {
            var episode = all[i];
            if (MayGoOn(episode, now) && showing.Remove(ProblemKey.From(episode), out var same))
                all[i] = EpisodeRecord.Continue(episode, same, diagnosis);
            else if (episode.IsLasting && IsOver(episode, diagnosis, now) is { } isEndKnown)
                all[i] = EpisodeRecord.End(episode, isEndKnown);
        }

        var (last, counts) = (_last, Counts);
        foreach (var problem in showing.Values)
        {
            var episode = EpisodeRecord.Begin(++last, problem, diagnosis);
            all.Add(episode);
            counts = EpisodeCount.Add(counts, episode);
        }

        all.RemoveAll(episode => episode.End is { } end && now - end > Span);

        // The oldest that have ended are forgotten first.
        var surplus = all.Count - AtMost;
        all.RemoveAll(episode => !episode.IsLasting && surplus-- > 0);
        while (all.Count > AtMost)
            all.RemoveAt(0);
        return new(all.ToImmutable(), last, counts) { Clock = diagnosis.Snapshot.Clock };
    }

    /// <summary>Returns this history with the actions of fixes added to their episodes.</summary>
    public EpisodeHistory With(ImmutableArray<FixEntry> entries) =>
        new(EpisodeFixes.Add(All, entries), _last, Counts) { Clock = Clock };

    static bool MayGoOn(Episode episode, DateTimeOffset now) =>
        episode.End is { } end ? now - end <= Again : now - episode.LastSeen <= Unseen;

    /// <summary>
    /// Returns null where an episode that does not show may go on. Else it is over: true where the end was seen. It was
    /// not where the exporter was away for long, or the clock was set back.
    /// </summary>
    static bool? IsOver(Episode episode, Diagnosis diagnosis, DateTimeOffset now)
    {
        var since = now - episode.LastSeen;
        if (since < -Quiet)
            return false;
        if (since <= Quiet)
            return null;
        if (IsSeen(episode, diagnosis))
            return since <= Unseen;
        return since <= Unseen ? null : false;
    }

    /// <summary>Returns false where the resource of an episode could not be read.</summary>
    static bool IsSeen(Episode episode, Diagnosis diagnosis)
    {
        if (episode.Pool is { } pool)
        {
            return diagnosis.Pools.FirstOrDefault(state => state.Pool.Name == pool)
                is not { Levels.Missing: { IsUnseen: true } };
        }

        return diagnosis.Evaluation.Symptoms.All(reading =>
            reading.Symptom.Name != episode.Name || reading.Levels.Missing is not { IsUnseen: true }
        );
    }
}

/// <summary>The identity of a problem from one diagnosis to the next.</summary>
/// <param name="Name">The name of the pool or symptom.</param>
/// <param name="Subject">The process or service; empty where the problem is about the whole pool.</param>
sealed record ProblemKey(string Name, string Subject)
{
    /// <summary>Returns the identity of a problem.</summary>
    public static ProblemKey From(Problem problem) =>
        new(
            problem.Name,
            problem.Worst is { Pool.Scope: Catalogue.PoolScope.Process } worst ? Bounded.Text(worst.Level.Subject) : ""
        );

    /// <summary>Returns the identity of the problem of an episode.</summary>
    public static ProblemKey From(Episode episode) => new(episode.Name, episode.Subject);
}

/// <summary>The number of episodes of a pool and code.</summary>
/// <param name="Pool">The pool; empty for a failure that no full pool explains.</param>
/// <param name="Code">The likeliest OpenClaw error code.</param>
/// <param name="Count">The number.</param>
sealed record EpisodeCount(string Pool, string Code, long Count)
{
    /// <summary>Returns the counts with one more episode.</summary>
    public static ImmutableArray<EpisodeCount> Add(ImmutableArray<EpisodeCount> counts, Episode episode)
    {
        var before = counts.FirstOrDefault(one => one.Pool == (episode.Pool ?? "") && one.Code == episode.Code);
        return before is null
            ? counts.Add(new(episode.Pool ?? "", episode.Code, 1))
            : counts.Replace(before, before with { Count = before.Count + 1 });
    }
}
