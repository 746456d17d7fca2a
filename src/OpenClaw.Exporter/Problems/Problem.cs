using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Timeline;

namespace OpenClaw.Exporter.Problems;

/// <summary>
/// One cause with everything that is said of it: a pool that is at least at its warning, or a failure that no such pool
/// explains. It is built once; the page, the command line and the JSON show it.
/// </summary>
sealed record Problem
{
    /// <summary>The name of the pool or symptom.</summary>
    public required string Name { get; init; }

    /// <summary>How bad it is.</summary>
    public required PoolCondition Condition { get; init; }

    /// <summary>The fullest level of the pool; null for a failure that no pool explains.</summary>
    public Finding? Worst { get; init; }

    /// <summary>What was seen, without a full stop: used and limit, or the failure as a sentence.</summary>
    public required string Evidence { get; init; }

    /// <summary>The holder of most of it; empty when there is none.</summary>
    public string Holder { get; init; } = "";

    /// <summary>Who the holder belongs to, without a full stop; empty when that is not known.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The other levels that the same remedy helps, without a full stop; empty when there are none.</summary>
    public string Others { get; init; } = "";

    /// <summary>The failures that show because of it, each without a full stop.</summary>
    public ImmutableArray<string> Effects { get; init; } = [];

    /// <summary>The OpenClaw error codes that it shows as, the likeliest first.</summary>
    public required ImmutableArray<string> Codes { get; init; }

    /// <summary>What to do.</summary>
    public required Remedy Remedy { get; init; }

    /// <summary>When it is full, without a full stop; empty for a failure, which is now.</summary>
    /// <param name="history">What was before.</param>
    public string When(UtilizationHistory history) =>
        Worst is null ? "" : Verdicts.When(Worst.Pool, Worst.Level, history.ForecastOf(Worst.Pool, Worst.Level));

    /// <summary>The problems of a diagnosis: pools before failures, the worst first, once for each remedy.</summary>
    public static ImmutableArray<Problem> Collect(Diagnosis diagnosis) =>
        [
            .. from finding in diagnosis.Findings
            where finding.Condition >= PoolCondition.Warning
            group finding by (finding.Pool, finding.Remedy) into levels
            select OfPool(levels.First(), levels.Skip(1), diagnosis),
            .. diagnosis.Unexplained.Select(OfFailure),
        ];

    static Problem OfPool(Finding worst, IEnumerable<Finding> others, Diagnosis diagnosis) =>
        new()
        {
            Name = worst.Pool.Name,
            Condition = worst.Condition,
            Worst = worst,
            Evidence = $"{Verdicts.Amount(worst.Level)} ({Verdicts.Percent(worst.Level)})",
            Holder = Verdicts.Holder(worst),
            Owner = Verdicts.Owner(worst),
            Others = Verdicts.Others(others),
            Effects = [.. diagnosis.EffectsOf(worst).Select(Verdicts.Failure)],
            Codes = worst.Codes,
            Remedy = worst.Remedy,
        };

    static Problem OfFailure(SymptomFinding failure) =>
        new()
        {
            Name = failure.Symptom.Name,
            Condition = failure.Condition,
            Evidence = Verdicts.Failure(failure),
            Codes = [failure.Alert!.Code],
            Remedy = new(failure.Alert.Advice),
        };
}
