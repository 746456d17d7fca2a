using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Episodes;

/// <summary>Makes episodes of the problems of diagnoses.</summary>
static class EpisodeRecord
{
    /// <summary>The time before the begin from which utilisations are kept.</summary>
    static readonly TimeSpan Before = TimeSpan.FromMinutes(5);

    /// <summary>The least time between two of them. They are further apart where snapshots are.</summary>
    static readonly TimeSpan Apart = TimeSpan.FromSeconds(10);

    /// <summary>The phases, the best first. Episodes have words, as files and answers do.</summary>
    static readonly ImmutableArray<string> Phases =
    [
        SnakeCase.Convert(Phase.Over),
        SnakeCase.Convert(Phase.Close),
        SnakeCase.Convert(Phase.Failing),
    ];

    static readonly ImmutableArray<string> Conditions =
    [
        SnakeCase.Convert(PoolCondition.Warning),
        SnakeCase.Convert(PoolCondition.Critical),
    ];

    /// <summary>Returns the episode that begins with a problem.</summary>
    public static Episode Begin(long number, Problem problem, Diagnosis diagnosis)
    {
        var now = diagnosis.Snapshot.Time;
        return new()
        {
            Number = number,
            Begin = now,
            IsEndKnown = true,
            LastSeen = now,
            Name = problem.Name,
            Pool = problem.Worst?.Pool.Name,
            Subject = ProblemKey.From(problem).Subject,
            Title = Bounded.Text(problem.Title),
            Codes = Bounded.Texts(problem.Codes),
            Condition = SnakeCase.Convert(problem.Condition),
            Phase = SnakeCase.Convert(problem.Phase),
            Netns = Bounded.Texts(problem.Namespaces),
            Place = Bounded.Text(problem.Place),
            Who = Bounded.Text(problem.Holder),
            Peak = PeakOf(problem, diagnosis),
            Verdict = Bounded.Text(Verdicts.Headline(problem)),
            Evidence = EvidenceOf(problem, diagnosis),
            Effects = Bounded.Texts(problem.Effects),
            Holders = [.. problem.Holders.Take(Bounded.Items).Select(EpisodeHolder.From)],
            HolderLines = Bounded.Texts(problem.HolderLines),
            Phases = [new(now, SnakeCase.Convert(problem.Phase))],
            Before = problem.Worst is { } worst ? SamplesOf(worst.Pool, diagnosis.Timeline) : [],
        };
    }

    /// <summary>Returns an episode whose problem shows in a later diagnosis.</summary>
    public static Episode Continue(Episode episode, Problem problem, Diagnosis diagnosis)
    {
        var now = diagnosis.Snapshot.Time;
        var at = Begin(episode.Number, problem, diagnosis);
        var later = episode with
        {
            End = null,
            IsEndKnown = true,
            LastSeen = now,
            Netns = [.. episode.Netns.Union(at.Netns).Take(Bounded.Items)],
            Phases =
                episode.Phases is [.., var last] && last.Phase == at.Phase
                    ? episode.Phases
                    : Shorten(episode.Phases.Add(new(now, at.Phase))),
        };
        if (IsWorse(at, episode))
        {
            later = later with
            {
                Codes = at.Codes,
                Place = at.Place,
                Who = at.Who,
                Peak = at.Peak ?? episode.Peak,
                Verdict = at.Verdict,
                Evidence = at.Evidence,
                Effects = at.Effects.IsEmpty ? episode.Effects : at.Effects,
                Holders = at.Holders,
                HolderLines = at.HolderLines,
            };
        }

        return later with
        {
            Effects = later.Effects.IsEmpty ? at.Effects : later.Effects,
            Condition = IsHigher(Conditions, at.Condition, episode.Condition) ? at.Condition : episode.Condition,
            Phase = IsHigher(Phases, at.Phase, episode.Phase) ? at.Phase : episode.Phase,
        };
    }

    /// <summary>Returns an episode that has ended when its problem was last seen.</summary>
    public static Episode End(Episode episode, bool isEndKnown) =>
        episode with
        {
            End = episode.LastSeen > episode.Begin ? episode.LastSeen : episode.Begin,
            IsEndKnown = isEndKnown,
            Phases = Shorten(episode.Phases.Add(new(episode.LastSeen, Phases[0]))),
        };

    /// <summary>
    /// Returns true where a later moment is worse. Fuller comes first, then a moment whose holders are known.
    /// </summary>
    static bool IsWorse(Episode later, Episode episode) =>
        (later.Peak, episode.Peak) switch
        {
            ({ } at, { } before) when at.Utilization != before.Utilization => at.Utilization > before.Utilization,
            ({ } at, { } before) when at.Used != before.Used => at.Used > before.Used,
            ({ }, null) => true,
            _ => IsHigher(Conditions, later.Condition, episode.Condition)
                || IsHigher(Phases, later.Phase, episode.Phase)
                || (episode.Holders.IsEmpty && !later.Holders.IsEmpty),
        };

    /// <summary>Returns true where one of two words comes later in a list.</summary>
    static bool IsHigher(ImmutableArray<string> words, string one, string other) =>
        words.IndexOf(one) > words.IndexOf(other);

    static EpisodePeak? PeakOf(Problem problem, Diagnosis diagnosis) =>
        problem.Worst is { Level.Limit: { } limit } worst
        && LevelOf(worst, diagnosis) is { Utilization: { } ratio } level
            ? new(
                diagnosis.Snapshot.Time,
                level.Used,
                limit,
                ratio,
                Math.Max(Math.Floor((limit * worst.Pool.EndRatio) - level.Used), 0),
                worst.Pool.Unit
            )
            : null;

    static string EvidenceOf(Problem problem, Diagnosis diagnosis) =>
        Bounded.Text(
            problem.Worst is { } worst && LevelOf(worst, diagnosis) is var level && level != worst.Level
                ? Verdicts.Evidence(worst.Pool, level)
                : problem.Evidence
        );

    /// <summary>
    /// Returns the level of a problem. Where the pool is also read every second, it is the fullest level of the last
    /// minute.
    /// </summary>
    static PoolLevel LevelOf(Finding worst, Diagnosis diagnosis) =>
        worst.Level is { Limit: { } limit, Utilization: { } ratio } level
        && (level.Netns.Length == 0 || level.Netns == diagnosis.Snapshot.Own.Name)
        && diagnosis.Snapshot.Get<PoolPeaks>().TryGet(out var peaks)
        && peaks.ByPool.TryGetValue(worst.Pool, out var peak)
        && peak > ratio
            ? level with
            {
                Used = Math.Round(peak * limit),
            }
            : worst.Level;

    /// <summary>Returns the utilisations before now, oldest first.</summary>
    static ImmutableArray<EpisodeSample> SamplesOf(Pool pool, Timeline timeline)
    {
        var samples = ImmutableArray.CreateBuilder<EpisodeSample>();
        foreach (var (age, utilization) in timeline.PointsOf(pool))
        {
            var isDue = samples.Count == 0 || samples[^1].Seconds - age >= Apart.TotalSeconds;
            if (age > 0 && age <= Before.TotalSeconds && isDue)
                samples.Add(new(Math.Round(age, 1), Math.Round(utilization, 4)));
        }

        return samples.ToImmutable();
    }

    static ImmutableArray<EpisodePhase> Shorten(ImmutableArray<EpisodePhase> phases) =>
        phases.Length > Bounded.Phases ? phases.RemoveAt(1) : phases;
}
