using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The readers that a scrape requests: ?collect[]=NAME for only those, or ?exclude[]=NAME for all others.
/// </summary>
/// <param name="Wanted">Selects the readers; null for all.</param>
/// <param name="Mistake">The error in the query; null when there is none.</param>
sealed record CollectorSelection(Func<Reader, bool>? Wanted, string? Mistake)
{
    /// <summary>Parses the query of a scrape.</summary>
    /// <param name="query">The query.</param>
    /// <param name="readers">All readers.</param>
    public static CollectorSelection Parse(IQueryCollection query, IEnumerable<Reader> readers)
    {
        var (collect, exclude) = (query["collect[]"], query["exclude[]"]);
        if (collect.Count > 0 && exclude.Count > 0)
            return new(null, "collect[] and exclude[] cannot be used together");
        var names = readers.Select(static reader => reader.Name).ToHashSet();
        if (collect.Concat(exclude).FirstOrDefault(name => name is null || !names.Contains(name)) is { } unknown)
        {
            return new(
                null,
                $"unknown collector '{unknown}'; available: "
                    + $"{string.Join(", ", names.Order(StringComparer.Ordinal))}"
            );
        }

        if (collect.Count > 0)
            return new(reader => collect.Contains(reader.Name), null);
        return exclude.Count > 0 ? new(reader => !exclude.Contains(reader.Name), null) : new(null, null);
    }
}
