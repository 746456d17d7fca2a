using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>A row of a tab.</summary>
/// <param name="Name">The name, which no other row of the tab has.</param>
/// <param name="Rest">The text behind the numbers.</param>
/// <param name="Level">The level of the bar; null where none is known.</param>
sealed record TopRow(string Name, string Rest, PoolDocument? Level)
{
    /// <summary>The condition.</summary>
    public PoolCondition Condition { get; init; } =
        Level is null ? PoolCondition.Unknown : LevelWords.Condition(Level.Condition);

    /// <summary>Further sentences for the details.</summary>
    public ImmutableArray<string> Facts { get; init; } = [];

    /// <summary>The levels for the details.</summary>
    public ImmutableArray<PoolDocument> Related { get; init; } = [];
}

/// <summary>Makes the rows of each tab from a published diagnosis.</summary>
/// <param name="diagnosis">The diagnosis.</param>
sealed class TopRows(DiagnosisDocument diagnosis)
{
    /// <summary>The levels of related pools that a detail shows.</summary>
    const int RelatedAtMost = 200;

    static readonly ImmutableArray<string> DestinationPools =
    [
        PoolCatalogue.EphemeralConnectPorts.Name,
        PoolCatalogue.SourcePorts.Name,
    ];

    /// <summary>Returns the rows of a tab that the filter lets through, in their order.</summary>
    public ImmutableArray<TopRow> Select(Tab tab, TopState state)
    {
        var rows = All(tab)
            .Where(row =>
                row.Name.Contains(state.Filter, StringComparison.OrdinalIgnoreCase)
                || row.Rest.Contains(state.Filter, StringComparison.OrdinalIgnoreCase)
            );
        var sorted = state.Order switch
        {
            RowOrder.Name => rows.OrderBy(static row => row.Name, StringComparer.OrdinalIgnoreCase),
            RowOrder.Used => rows.OrderByDescending(static row => row.Level?.Used ?? -1),
            _ => rows.OrderByDescending(static row => (int)row.Condition)
                .ThenByDescending(static row => row.Level?.Utilization ?? -1),
        };
        return state.IsReversed ? [.. sorted.Reverse()] : [.. sorted];
    }

    IEnumerable<TopRow> All(Tab tab) =>
        tab switch
        {
            Tab.Destinations => Destinations(),
            Tab.Processes => Processes(),
            Tab.Namespaces => Namespaces(),
            _ => Pools(),
        };

    IEnumerable<TopRow> Pools()
    {
        foreach (var levels in diagnosis.Pools.GroupBy(static level => level.Pool))
        {
            var worst = levels.First();
            yield return new(Titles.From(levels.Key), LevelWords.Place(worst), worst)
            {
                Condition = ConditionOf(levels.Key, worst),
                Facts = ReasonOf(levels.Key) is { } why ? [$"Not all of it could be read: {why}."] : [],
                Related = [.. levels.Take(RelatedAtMost)],
            };
        }

        foreach (var state in diagnosis.States)
        {
            if (state.Condition == "unknown" && diagnosis.Pools.All(level => level.Pool != state.Pool))
            {
                yield return new(Titles.From(state.Pool), state.Reason ?? "unknown", null)
                {
                    Condition = PoolCondition.Unknown,
                    Facts = [$"It could not be read: {state.Reason}."],
                };
            }
        }
    }

    IEnumerable<TopRow> Destinations() =>
        diagnosis
            .Pools.Where(static level => DestinationPools.Contains(level.Pool))
            .Select(static level => new TopRow(
                LevelWords.Destination(level),
                level.Holders is [var worst, ..] ? worst.Name : "",
                level
            )
            {
                Related = [level],
            })
            .DistinctBy(static row => row.Name);

    IEnumerable<TopRow> Processes()
    {
        var all = new List<(string Name, List<Part> Parts)>();
        var known = new Dictionary<string, List<Part>>();
        foreach (var level in diagnosis.Pools)
        {
            foreach (var holder in level.Holders)
                Add(holder.Name, holder.Pid, new(level, holder.Count, OwnerOf(holder)));
            if (level.Pool == PoolCatalogue.ProcessFileDescriptors.Name)
                Add(LevelWords.Subject(level), level.Pid, new(level, level.Used, level.Cgroup));
        }

        // The levels of a diagnosis begin with the worst, so the first part is the one to see.
        return all.Select(static row => new TopRow(row.Name, Holds(row.Parts), row.Parts[0].Level)
        {
            Facts = row.Parts.Find(static part => part.Owner is not ("" or "/")) is { } owned
                ? [$"Owner: {owned.Owner}."]
                : [],
            Related = [.. row.Parts.Select(static part => part.Level).Distinct().Take(RelatedAtMost)],
        });

        void Add(string name, int? pid, Part part)
        {
            // A process has one row, also where its pools name it differently.
            var key = pid?.ToString(CultureInfo.InvariantCulture) ?? name;
            if (known.TryGetValue(key, out var parts))
            {
                parts.Add(part);
                return;
            }

            known[key] = parts = [part];
            all.Add((name, parts));
        }
    }

    static string Holds(List<Part> parts) =>
        string.Join(
            ", ",
            parts
                .DistinctBy(static part => part.Level.Pool)
                .Select(static part =>
                    $"{LevelWords.Number(part.Level.Pool, part.Count)} {Titles.Words(part.Level.Pool)}"
                )
        );

    IEnumerable<TopRow> Namespaces() =>
        diagnosis
            .Pools.GroupBy(static level => level.Netns)
            .Select(static levels => new TopRow(
                levels.Key.Length > 0 ? levels.Key : "(whole machine)",
                Titles.From(levels.First().Pool),
                levels.First()
            )
            {
                Related = [.. levels.Take(RelatedAtMost)],
            });

    /// <summary>A part of a pool that a process holds.</summary>
    sealed record Part(PoolDocument Level, double Count, string Owner);

    static string OwnerOf(HolderDocument holder) =>
        holder switch
        {
            { Pod.Length: > 0 } => $"pod {holder.Pod}",
            { Container.Length: > 0 } => $"container {holder.Container}",
            { Unit.Length: > 0 } => holder.Unit,
            _ => holder.Cgroup,
        };

    PoolCondition ConditionOf(string pool, PoolDocument worst)
    {
        var state = diagnosis.States.FirstOrDefault(state => state.Pool == pool);
        return LevelWords.Condition(state?.Condition ?? worst.Condition);
    }

    string? ReasonOf(string pool) =>
        diagnosis.States.FirstOrDefault(state => state.Pool == pool) is { Condition: "unknown", Reason: { } why }
            ? why
            : null;
}
