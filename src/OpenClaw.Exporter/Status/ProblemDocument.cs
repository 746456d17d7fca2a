using System.Collections.Immutable;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Status;

/// <summary>A cause with its effects.</summary>
/// <param name="Name">The name of the pool or symptom.</param>
/// <param name="Pool">The pool; null for a failure that no full pool explains.</param>
/// <param name="Condition">The condition: ok where it is over, warning or critical.</param>
/// <param name="Phase">The phase: failing, close or over.</param>
/// <param name="Codes">The OpenClaw error codes, the likeliest first.</param>
/// <param name="Netns">The network namespaces in which it shows; empty for the whole machine.</param>
/// <param name="Evidence">The used amount and the limit, or the failure as a sentence.</param>
/// <param name="Left">The amount that is left; null for a failure, and without a limit.</param>
/// <param name="Place">The place: a destination, listener, process or network namespace; empty for the whole
/// machine.</param>
/// <param name="Holder">The holder of most of it; the place where no holder is known, and empty without either.</param>
/// <param name="Holders">The holders, worst first; none where they are not known.</param>
/// <param name="Owner">The owner of the holder, or why it is unknown; empty when cgroups show none.</param>
/// <param name="Others">The other places with the same cause.</param>
/// <param name="Effects">The failures and full pools that it causes.</param>
/// <param name="Remedy">The action to take.</param>
/// <param name="Headline">The holder and its part, or the failure, as a sentence without its full stop.</param>
/// <param name="Since">The earliest time from which it is known to last; null where that was not observed.</param>
/// <param name="Kind">The use of the connections, such as "198 idle, none in TIME_WAIT"; null where it is
/// unknown.</param>
/// <param name="Fix">The command of this program that makes the changes of the remedy and can undo them; null where no
/// command helps.</param>
/// <param name="Check">The command of this program that tests whether connections work; null where the problem is not
/// about connections.</param>
sealed record ProblemDocument(
    string Name,
    string? Pool,
    string Condition,
    string Phase,
    ImmutableArray<string> Codes,
    ImmutableArray<string> Netns,
    string Evidence,
    double? Left,
    string Place,
    string Holder,
    ImmutableArray<HolderDocument> Holders,
    string Owner,
    ImmutableArray<string> Others,
    ImmutableArray<string> Effects,
    RemedyDocument Remedy,
    string Headline,
    DateTimeOffset? Since,
    string? Kind,
    string? Fix,
    string? Check
)
{
    public static ProblemDocument From(Problem problem) =>
        new(
            problem.Name,
            problem.Worst?.Pool.Name,
            SnakeCase.Convert(problem.Condition),
            SnakeCase.Convert(problem.Phase),
            problem.Codes,
            problem.Namespaces,
            problem.Evidence,
            problem.Worst?.Left,
            problem.Place,
            problem.Holder,
            HolderDocument.From(problem.Holders),
            problem.Owner,
            problem.Others,
            problem.Effects,
            RemedyDocument.From(problem.Remedy),
            problem.Headline,
            problem.Since?.Time,
            problem.Kind?.Text,
            problem.Fix,
            problem.Check
        );
}
