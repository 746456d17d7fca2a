using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>Writes the levels of a published diagnosis in the words of the other commands.</summary>
static class LevelWords
{
    static readonly ImmutableDictionary<string, Pool> Pools = PoolCatalogue.All.ToImmutableDictionary(static pool =>
        pool.Name
    );

    /// <summary>Returns the unit of a pool.</summary>
    public static string Unit(string pool) => Pools.TryGetValue(pool, out var known) ? known.Unit : "";

    /// <summary>Returns an amount in the unit of a pool, without the unit's name; bytes in binary units.</summary>
    public static string Number(string pool, double amount) =>
        Unit(pool) == "bytes" ? ByteSize.Format(amount) : amount.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Returns "198 of 200"; only the used amount without a limit.</summary>
    public static string Amount(PoolDocument level) =>
        level.Limit is { } limit
            ? $"{Number(level.Pool, level.Used)} of {Number(level.Pool, limit)}"
            : Number(level.Pool, level.Used);

    /// <summary>Returns an amount with its unit: "198 ports".</summary>
    public static string WithUnit(string pool, double amount) =>
        Unit(pool) is "bytes" or "" ? Number(pool, amount) : $"{Number(pool, amount)} {Unit(pool)}";

    /// <summary>Returns the subject of a level and its network namespace; empty for the whole machine.</summary>
    public static string Place(PoolDocument level)
    {
        var subject = Subject(level);
        var netns = level.Netns is "" or NetworkNamespaces.Self or NetworkNamespaces.Host ? "" : level.Netns;
        if (netns.Length == 0)
            return subject;
        return subject.Length == 0 ? $"network namespace {netns}" : $"{subject} in {netns}";
    }

    /// <summary>Returns the subject of a level; empty where the pool has none.</summary>
    public static string Subject(PoolDocument level)
    {
        if (level.Pool == PoolCatalogue.EphemeralConnectPorts.Name)
        {
            var from = Label("source") is "*" or "" ? "" : $" from {Label("source")}";
            var to = Label("destination") is "*" or "" ? "any new destination" : Label("destination");
            return $"{Label("protocol")}{from} to {to}";
        }

        if (level.Pid is { } pid)
            return string.Create(CultureInfo.InvariantCulture, $"{level.Subject} (pid {pid})");
        return level.Subject.Length > 0 ? level.Subject : $"{Label("protocol")} {Label("address")}".Trim();

        string Label(string name) => level.Labels.GetValueOrDefault(name, "");
    }

    /// <summary>Returns a destination with its port first, which a narrow column must not cut.</summary>
    public static string Destination(PoolDocument level)
    {
        if (level.Pool != PoolCatalogue.EphemeralConnectPorts.Name)
            return Place(level);
        var (from, to) = (level.Labels.GetValueOrDefault("source", "*"), level.Subject);
        var place = level.Netns is "" or NetworkNamespaces.Self or NetworkNamespaces.Host ? "" : $" in {level.Netns}";
        return $"{(to == "*" ? "any other" : to)} {level.Labels.GetValueOrDefault("protocol", "")}"
            + (from == "*" ? "" : $" from {from}")
            + place;
    }

    /// <summary>Returns the time of exhaustion at the present rate.</summary>
    public static string Trend(PoolDocument level) =>
        level switch
        {
            { Utilization: >= 1 } => "full now",
            { Forecast.Seconds: { } seconds } =>
                $"full in {Durations.Format(TimeSpan.FromSeconds(Math.Min(seconds, 1e9)))} at the present rate",
            { Forecast.Growth: "not_growing" } => "steady",
            _ => "too early to tell",
        };

    /// <summary>Returns the order of a condition's word: a greater number hides a smaller one.</summary>
    public static PoolCondition Condition(string word) =>
        Enum.TryParse<PoolCondition>(word, ignoreCase: true, out var condition) ? condition : PoolCondition.Unknown;

    /// <summary>Returns the colour of a condition.</summary>
    public static Ink Colour(PoolCondition condition) =>
        condition switch
        {
            PoolCondition.Critical => Ink.Red,
            PoolCondition.Warning => Ink.Yellow,
            PoolCondition.Ok => Ink.Green,
            PoolCondition.Unknown => Ink.Magenta,
            _ => Ink.Plain,
        };
}
