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
/// <param name="Holder">The destination, process or listener that uses most of it; empty when there is none.</param>
/// <param name="Owner">Its owner, or why the owner is unknown; empty when cgroups show none.</param>
/// <param name="Others">The other places with the same cause.</param>
/// <param name="Effects">The failures and full pools that it causes.</param>
/// <param name="Remedy">The action to take.</param>
sealed record ProblemDocument(
    string Name,
    string? Pool,
    string Condition,
    string Phase,
    ImmutableArray<string> Codes,
    ImmutableArray<string> Netns,
    string Evidence,
    double? Left,
    string Holder,
    string Owner,
    ImmutableArray<string> Others,
    ImmutableArray<string> Effects,
    RemedyDocument Remedy
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
            problem.Holder,
            problem.Owner,
            problem.Others,
            problem.Effects,
            RemedyDocument.From(problem.Remedy)
        );
}
