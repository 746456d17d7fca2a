using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Namespaces;
using static OpenClaw.KernelTests.PublishedDiagnosis;

namespace OpenClaw.KernelTests;

/// <summary>
/// The part of a diagnosis that must be the same wherever a namespace is looked at from. The amounts by which counters
/// rose are not in it: each look has its own.
/// </summary>
/// <param name="Levels">The pools at a threshold, one line each: labels, use, limit and condition.</param>
/// <param name="Symptoms">The symptoms that show, one line each: labels, condition and cause.</param>
/// <param name="Phases">The phases of the problems with a pool.</param>
sealed record SeenNamespace(
    ImmutableArray<string> Levels,
    ImmutableArray<string> Symptoms,
    ImmutableSortedDictionary<string, string> Phases
)
{
    /// <summary>Reads the part about one namespace.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="netns">The name of the namespace in that diagnosis; null for one from inside, where the processes
    /// have no name of a namespace.</param>
    public static SeenNamespace Read(JsonElement diagnosis, string? netns) =>
        new(
            [
                .. Rows(diagnosis, "pools")
                    .Where(level =>
                        IsIn(Text(level, "netns")!, Text(level, "pool"), netns)
                        && Text(level, "condition") is "warning" or "critical"
                    )
                    .Select(static level =>
                        $"{Text(level, "pool")} {level.GetProperty("labels")} {level.GetProperty("used")} of "
                        + $"{level.GetProperty("limit")}: {Text(level, "condition")}"
                    )
                    .Order(StringComparer.Ordinal),
            ],
            [
                .. Rows(diagnosis, "symptoms")
                    .Where(symptom => IsIn(Text(symptom, "netns")!, null, netns))
                    .Select(static symptom =>
                        $"{Text(symptom, "symptom")} {symptom.GetProperty("labels")}: {Text(symptom, "condition")}, "
                        + $"of {Text(symptom, "cause")}"
                    )
                    .Order(StringComparer.Ordinal),
            ],
            Rows(diagnosis, "problems")
                .Where(problem =>
                    Text(problem, "pool") is { } pool
                    && problem
                        .GetProperty("netns")
                        .EnumerateArray()
                        .Select(static name => name.GetString()!)
                        .DefaultIfEmpty("")
                        .Any(name => IsIn(name, pool, netns))
                )
                .DistinctBy(static problem => Text(problem, "pool"))
                .ToImmutableSortedDictionary(
                    static problem => Text(problem, "pool")!,
                    static problem => Text(problem, "phase")!
                )
        );

    /// <summary>Leaves out the used amounts.</summary>
    public SeenNamespace WithoutUse() =>
        this with
        {
            Levels = [.. Levels.Select(static level => Regex.Replace(level, @"\d+ of ", "of "))],
        };

    /// <summary>
    /// Leaves out symptoms that were not provoked. Their counters rise in one look and not in the next, as when a SYN
    /// is sent again.
    /// </summary>
    public SeenNamespace WithoutChance(string[] provoked) =>
        this with
        {
            Symptoms = [.. Symptoms.Where(shown => provoked.Contains(shown.Split(' ')[0]))],
        };

    /// <summary>Returns true where a symptom shows.</summary>
    public bool Shows(string symptom) =>
        Symptoms.Any(shown => shown.StartsWith(symptom + " ", StringComparison.Ordinal));

    /// <summary>All of it, in lines, to compare and to read.</summary>
    public string Lines =>
        string.Join('\n', [.. Levels, .. Symptoms, .. Phases.Select(static pool => $"{pool.Key}: {pool.Value}")]);

    static JsonElement.ArrayEnumerator Rows(JsonElement diagnosis, string property) =>
        diagnosis.GetProperty(property).EnumerateArray();

    static bool IsIn(string name, string? pool, string? netns) =>
        name == (netns ?? NetworkNamespaces.Self)
        || (
            netns is null
            && name.Length == 0
            && PoolCatalogue.All.Any(known => known.Name == pool && known.Scope == PoolScope.Process)
        );
}
