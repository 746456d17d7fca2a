using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Remedies;

namespace OpenClaw.Exporter.Problems;

/// <summary>
/// A cause with its effects and its remedy: a pool at or above its warning, or a failure that no such pool explains.
/// The same cause in several network namespaces is one problem. It is built once. The page, the command line and the
/// JSON show it.
/// </summary>
sealed record Problem
{
    /// <summary>The name of the pool or symptom.</summary>
    public required string Name { get; init; }

    /// <summary>The heading of the problem: its name in words.</summary>
    public required string Title { get; init; }

    /// <summary>The resource in a few plain words; the heading for a failure.</summary>
    public string Label => Worst?.Pool.Label ?? Title;

    /// <summary>The headline, without a full stop: the holder and its part, or the failure.</summary>
    public string Headline => Worst is null ? Evidence : Headlines.From(Worst);

    /// <summary>The time since which it lasts; null where that was not observed.</summary>
    public Since? Since { get; init; }

    /// <summary>The kind of use, such as "198 idle, none in TIME_WAIT"; null where it is unknown.</summary>
    public Fact? Kind => Worst is null ? null : ProblemFacts.KindOf(Worst);

    /// <summary>The severity of the problem; OK where it is over.</summary>
    public required PoolCondition Condition { get; init; }

    /// <summary>The phase.</summary>
    public required Phase Phase { get; init; }

    /// <summary>The fullest level of the pool; null for a failure that no pool explains.</summary>
    public Finding? Worst { get; init; }

    /// <summary>The evidence, without a full stop: used amount and limit, or the failure as a sentence.</summary>
    public required string Evidence { get; init; }

    /// <summary>
    /// The place of the resource: a destination, listener, process or network namespace. Empty for the whole machine.
    /// </summary>
    public string Place { get; init; } = "";

    /// <summary>The holders of the resource, the worst first; none where they are not known.</summary>
    public ImmutableArray<Holder> Holders => Worst?.Holders.Worst ?? [];

    /// <summary>The holders in words, each with its part and owner, and what no process holds.</summary>
    public ImmutableArray<string> HolderLines { get; init; } = [];

    /// <summary>The same holders as rows of a table, without what no process holds.</summary>
    public ImmutableArray<HolderRow> HolderRows => Worst is null ? [] : HolderRow.From(Worst);

    /// <summary>
    /// The parts that no holder stands for, and why some holders are unknown; each without its full stop.
    /// </summary>
    public ImmutableArray<string> HolderNotes => Worst is null ? [] : HolderWords.Notes(Worst);

    /// <summary>True where the owner is not among <see cref="HolderLines"/>.</summary>
    public bool ShowsOwner => Owner.Length > 0 && (HolderLines.IsEmpty || Holders.IsEmpty);

    /// <summary>The worst holder; the place where no holder is known. Empty when there is neither.</summary>
    public string Holder => Holders is [var worst, ..] ? worst.Name : Place;

    /// <summary>
    /// Its owner, or why the owner is unknown, without a full stop. Empty when cgroups show no owner.
    /// </summary>
    public string Owner { get; init; } = "";

    /// <summary>The other places where the same cause shows, each without a full stop, the worst first.</summary>
    public ImmutableArray<string> Others { get; init; } = [];

    /// <summary>The failures and full pools that it causes, each without a full stop.</summary>
    public ImmutableArray<string> Effects { get; init; } = [];

    /// <summary>The network namespaces in which it shows, without duplicates; empty for the whole machine.</summary>
    public ImmutableArray<string> Namespaces { get; init; } = [];

    /// <summary>The OpenClaw error codes of the problem, the likeliest first.</summary>
    public required ImmutableArray<string> Codes { get; init; }

    /// <summary>True where OpenClaw reports the first code: calls fail for good, or its own log has it.</summary>
    public bool IsReported =>
        Phase == Phase.Failing && (Condition == PoolCondition.Critical || Name == SymptomCatalogue.ClwErrorsTotal.Name);

    /// <summary>The label of the codes: OpenClaw reports a code only while calls fail.</summary>
    public string CodeLabel => Phase == Phase.Close ? "OpenClaw error if full" : "OpenClaw error";

    /// <summary>The action to take.</summary>
    public required Remedy Remedy { get; init; }

    /// <summary>The command of this program that makes the changes of the remedy; null where none helps.</summary>
    public string? Fix { get; init; }

    /// <summary>The command of this program that tests for connections; null where it is not about any.</summary>
    public string? Check { get; init; }

    /// <summary>The remedy as numbered steps.</summary>
    public ImmutableArray<Step> Steps => RemedySteps.From(this);

    /// <summary>
    /// Returns the time of exhaustion, without a full stop. Empty for a failure, which is present now.
    /// </summary>
    /// <param name="timeline">The utilisations until now.</param>
    public string When(Timeline timeline) =>
        Worst is null ? "" : Verdicts.When(Worst.Pool, Worst.Level, timeline.ForecastOf(Worst.Pool, Worst.Level));
}
