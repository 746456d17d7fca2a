using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Metrics;

/// <summary>Which readers one scrape asks for: ?collect[]=NAME for those only, or ?exclude[]=NAME for all others.</summary>
/// <param name="Snapshot">What they saw; null when it asks for all.</param>
/// <param name="Mistake">What is wrong with the question; null when nothing is.</param>
sealed record CollectorSelection(Snapshot? Snapshot, string? Mistake)
{
    /// <summary>Reads the query of a scrape.</summary>
    public static CollectorSelection Of(IQueryCollection query, Snapshot snapshot)
    {
        var (collect, exclude) = (query["collect[]"], query["exclude[]"]);
        if (collect.Count > 0 && exclude.Count > 0)
            return new(null, "collect[] and exclude[] cannot be used together");
        var names = snapshot.Runs.Select(static run => run.Reader.Name).ToHashSet();
        return collect.Concat(exclude).FirstOrDefault(name => name is null || !names.Contains(name)) is { } unknown
            ? new(null, $"no collector is called '{unknown}'; there are {string.Join(", ", names.Order(StringComparer.Ordinal))}")
            : collect.Count > 0 ? new(snapshot.Only(reader => collect.Contains(reader.Name)), null)
            : exclude.Count > 0 ? new(snapshot.Only(reader => !exclude.Contains(reader.Name)), null)
            : new(null, null);
    }
}
