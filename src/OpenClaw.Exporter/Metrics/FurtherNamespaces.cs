using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The limit on the series of each network namespace that is shown beside the first. A machine has hundreds of
/// namespaces. So each must be small, even while every pool is full and every failure shows. The processes of a
/// namespace are not counted: the machine's list of processes has a limit of its own.
/// </summary>
static class FurtherNamespaces
{
    /// <summary>The limit on series.</summary>
    public const int SeriesAtMost = 50;

    /// <summary>The limit on levels of one symptom, the worst first.</summary>
    public const int SymptomLevelsAtMost = 2;

    /// <summary>The sentence for help texts of pools with several levels.</summary>
    public const string FullestOnly = "A further network namespace has a series only for the fullest.";

    /// <summary>The sentence for help texts of symptoms with several levels.</summary>
    public static readonly string WorstOnly = $"A further network namespace has at most {SymptomLevelsAtMost} series.";

    /// <summary>
    /// Returns the levels of a pool that differ, without those of a further namespace that are not the fullest.
    /// </summary>
    public static IEnumerable<PoolLevel> FullestOf(Diagnosis diagnosis, PoolState state)
    {
        if (!state.Levels.TryGet(out var all))
            return [];
        var levels = all.RemoveAll(static level => level.IsRepeated);
        if (state.Pool.Scope != PoolScope.NetworkNamespace)
            return levels;
        var fullest = levels
            .Where(level => diagnosis.IsFurther(level.Netns))
            .GroupBy(static level => level.Netns)
            .Select(static netns => netns.MaxBy(static level => level.Utilization ?? -1))
            .ToHashSet(ReferenceEqualityComparer.Instance);
        return levels.Where(level => !diagnosis.IsFurther(level.Netns) || fullest.Contains(level));
    }

    /// <summary>
    /// Returns the samples that fit a further namespace. It leaves out the samples that are 0 first, then others that
    /// no alert needs, and the states of sockets at last.
    /// </summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="families">The families with all samples.</param>
    public static ImmutableArray<(MetricFamily Family, ImmutableArray<Sample> Samples)> Limit(
        Diagnosis diagnosis,
        ImmutableArray<(MetricFamily Family, ImmutableArray<Sample> Samples)> families
    )
    {
        var processPools = diagnosis
            .Pools.Where(static state => state.Pool.Scope == PoolScope.Process)
            .Select(static state => state.Pool.Name)
            .ToHashSet();
        var leftOut = (
            from entry in families.Select(static (family, index) => (family.Family, family.Samples, Index: index))
            from sample in entry.Samples
            let netns = Label(entry.Family, sample, "netns")
            where
                diagnosis.IsFurther(netns)
                && entry.Family.Scope != PoolScope.Process
                && !processPools.Contains(Label(entry.Family, sample, "pool"))
            group (entry.Index, Sample: sample, Rank: Rank(entry.Family, sample)) by netns into series
            from tooMany in series.OrderBy(static one => one.Rank).Skip(SeriesAtMost)
            select (tooMany.Index, tooMany.Sample)
        ).ToLookup(static one => one.Index, static one => one.Sample);
        return [.. families.Select((entry, index) => (entry.Family, Without(entry.Samples, leftOut[index])))];
    }

    /// <summary>
    /// Returns the order in which samples are kept. Samples of the same rank keep the order of the catalogue.
    /// </summary>
    static int Rank(MetricFamily family, Sample sample)
    {
        if (family.IsEssential)
            return 0;
        var isZero = sample.Value == 0 ? 1 : 0;
        return family.IsHistogram ? 1 + isZero : 3 + isZero;
    }

    static string Label(MetricFamily family, Sample sample, string name)
    {
        var index = family.Labels.IndexOf(name);
        return index < 0 ? "" : sample.Labels[index];
    }

    static ImmutableArray<Sample> Without(ImmutableArray<Sample> samples, IEnumerable<Sample> leftOut)
    {
        var keys = leftOut.Select(static sample => sample.Labels).ToHashSet();
        return keys.Count == 0 ? samples : samples.RemoveAll(sample => keys.Contains(sample.Labels));
    }
}
