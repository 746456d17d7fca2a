using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Problems;

/// <summary>Makes the list of problems of a diagnosis.</summary>
static class ProblemList
{
    /// <summary>
    /// Returns the problems: what fails or is close, pools before failures and the worst first, then what is over.
    /// </summary>
    public static ImmutableArray<Problem> Create(Diagnosis diagnosis)
    {
        var troubled = diagnosis
            .Findings.Where(static finding => finding.Condition >= PoolCondition.Warning)
            .ToImmutableArray();
        var effects = troubled
            .Select(finding => (Effect: finding, Cause: CauseOf(finding, troubled)))
            .Where(static pair => pair.Cause is not null)
            .ToLookup(static pair => pair.Cause!, static pair => pair.Effect);
        var explained = effects.SelectMany(static effect => effect).ToHashSet();
        return
        [
            .. from finding in troubled
            where !explained.Contains(finding)
            group finding by CauseKey(finding) into levels
            select OfPool([.. levels], effects, diagnosis),
            .. from failure in diagnosis.Unexplained
            group failure by failure.Alert!.Name into failures
            select OfFailure([.. failures], diagnosis),
            .. from failure in diagnosis.Over
            group failure by failure.Alert.Name into failures
            select OfPast([.. failures], diagnosis),
        ];
    }

    /// <summary>
    /// The part of a full pool that another pool has to account for to be its cause. A listener or two are no cause.
    /// </summary>
    const double MostOfIt = 0.95;

    /// <summary>
    /// Returns the identity of a cause. The same pool in several network namespaces is one cause. Processes leak each
    /// for itself, so theirs are told apart by the remedy.
    /// </summary>
    static (Pool, Remedy?) CauseKey(Finding finding) =>
        (finding.Pool, finding.Pool.Scope == PoolScope.NetworkNamespace ? null : finding.Remedy);

    /// <summary>
    /// Returns the level that fills another one with the same ports; null when there is none. Connected sockets take
    /// ports from bind(), and bound ones take them from every destination.
    /// </summary>
    static Finding? CauseOf(Finding finding, ImmutableArray<Finding> troubled)
    {
        Pool? cause = null;
        if (finding.Pool == PoolCatalogue.EphemeralBindPorts)
            cause = PoolCatalogue.EphemeralConnectPorts;
        else if (finding.Pool == PoolCatalogue.EphemeralConnectPorts && finding.Level.IsEffect)
            cause = PoolCatalogue.EphemeralBindPorts;
        return troubled.FirstOrDefault(other =>
            other.Pool == cause
            && !other.Level.IsEffect
            && other.Level.Used >= MostOfIt * finding.Level.Used
            && other.Level.Netns == finding.Level.Netns
            && other.Level.About is PortSubject one
            && finding.Level.About is PortSubject two
            && one.Protocol == two.Protocol
        );
    }

    static Problem OfPool(ImmutableArray<Finding> levels, ILookup<Finding, Finding> filled, Diagnosis diagnosis)
    {
        var worst = levels[0];
        var failures = levels.SelectMany(diagnosis.EffectsOf).Distinct().ToList();
        return new()
        {
            Name = worst.Pool.Name,
            Title = worst.Pool.Title,
            Condition = worst.Condition,
            Phase =
                worst.IsExhausted || failures.Exists(static failure => failure.Phase == Phase.Failing)
                    ? Phase.Failing
                    : Phase.Close,
            Worst = worst,
            Since = SinceOf(diagnosis, worst),
            Evidence = Verdicts.Evidence(worst.Pool, worst.Level),
            Place = Verdicts.Place(worst.Level),
            HolderLines = worst.Level.Pid is null ? HolderWords.Lines(worst) : [],
            Owner = Verdicts.Owner(worst),
            Others = [.. levels.Skip(1).Select(level => Verdicts.Elsewhere(level, worst))],
            Effects =
            [
                .. failures.Select(Verdicts.Failure),
                .. levels.SelectMany(level => filled[level]).Distinct().Select(Verdicts.Filled),
            ],
            Namespaces = NamesOf(levels.Select(static level => level.Level.Netns)),
            Codes = worst.Codes,
            Remedy = worst.Remedy,
            Fix = ShortWays.FixOf(worst, diagnosis),
            Check = ShortWays.CheckOf(worst, diagnosis),
        };
    }

    static Problem OfFailure(ImmutableArray<SymptomFinding> failures, Diagnosis diagnosis)
    {
        var remedy = RemedyFor(failures[0], diagnosis);
        return new()
        {
            Name = failures[0].Symptom.Name,
            Title = Titles.From(failures[0].Alert!.Name),
            Condition = failures[0].Condition,
            Phase = Phase.Failing,
            Since = SinceOf(diagnosis, failures[0]),
            Evidence = Verdicts.Failure(failures[0]),
            Others = [.. failures.Skip(1).Select(Verdicts.Failure).Distinct()],
            Namespaces = NamesOf(failures.Select(static failure => failure.Netns)),
            Codes = [failures[0].Alert!.Code],
            Remedy = remedy,
            Fix = ShortWays.FixOf(failures[0], remedy),
        };
    }

    static Since? SinceOf(Diagnosis diagnosis, Finding worst) =>
        diagnosis.Timeline.LastedOf(worst.Pool, worst.Level) is { } lasted
        && (lasted.IsBegin || lasted.From < diagnosis.Snapshot.Time)
            ? new(lasted.From, lasted.IsBegin)
            : null;

    static Since? SinceOf(Diagnosis diagnosis, SymptomFinding failure) =>
        diagnosis.RecentFailures.FirstOrDefault(recent =>
            recent.Alert.Name == failure.Alert!.Name && recent.Netns == failure.Netns
        )
            is { Times: [var first, ..] }
            ? new(first, diagnosis.Snapshot.Time - first < RecentFailure.Span - Timeline.Slot)
            : null;

    static Remedy RemedyFor(SymptomFinding failure, Diagnosis diagnosis) =>
        failure.Symptom.RemedyFor is { } remedy
        && diagnosis.Evaluation.Namespaces.FirstOrDefault(view => view.Name == failure.Netns) is { } view
            ? Finding.Advise(() => remedy(view, failure.Sample.Level), failure.Alert!.Advice, view)
            : RemedyFor(failure.Alert!, diagnosis);

    static Remedy RemedyFor(Alert alert, Diagnosis diagnosis) =>
        alert.RemedyFor is { } remedy
            ? Finding.Advise(
                () => remedy(diagnosis.Evaluation.Machine, alert),
                alert.Advice,
                diagnosis.Evaluation.Machine
            )
            : new(alert.Advice);

    static Problem OfPast(ImmutableArray<PastFailure> failures, Diagnosis diagnosis) =>
        new()
        {
            Name = failures[0].Alert.Name,
            Title = Titles.From(failures[0].Alert.Name),
            Condition = PoolCondition.Ok,
            Phase = Phase.Over,
            Evidence = Verdicts.Past(failures[0], diagnosis.Snapshot.Time),
            Others = [.. failures.Skip(1).Select(failure => Verdicts.Past(failure, diagnosis.Snapshot.Time))],
            Namespaces = NamesOf(failures.Select(static failure => failure.Netns)),
            Codes = [failures[0].Alert.Code],
            Remedy = RemedyFor(failures[0].Alert, diagnosis),
        };

    static ImmutableArray<string> NamesOf(IEnumerable<string> names) =>
        [.. names.Where(static name => name.Length > 0).Distinct()];
}
