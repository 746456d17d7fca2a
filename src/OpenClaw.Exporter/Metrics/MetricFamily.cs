using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Metrics;

/// <summary>The behaviour of a metric family's value over time.</summary>
enum MetricType
{
    /// <summary>Rises and falls.</summary>
    Gauge,

    /// <summary>Only rises, until the kernel restarts.</summary>
    Counter,
}

/// <summary>A time series of a family at one moment.</summary>
/// <param name="Value">The value, in the family's base unit.</param>
/// <param name="Labels">The label values, in the order of the family's labels.</param>
readonly record struct Sample(double Value, params ImmutableArray<string> Labels);

/// <summary>A metric family: its meaning, its source, and its samples in a diagnosis.</summary>
/// <param name="Name">The full name.</param>
/// <param name="Type">Gauge or counter.</param>
/// <param name="Help">The meaning, as sentences.</param>
/// <param name="Source">The kernel file or request, or the part of the exporter, that it comes from.</param>
/// <param name="Labels">The label names.</param>
/// <param name="Read">Returns the samples; none where there is no data, and never 0 for an unknown value.</param>
sealed record MetricFamily(
    string Name,
    MetricType Type,
    string Help,
    string Source,
    ImmutableArray<string> Labels,
    Func<Diagnosis, IEnumerable<Sample>> Read
)
{
    /// <summary>Creates a family with a value for each network namespace. The label <c>netns</c> comes first.</summary>
    /// <param name="name">The full name.</param>
    /// <param name="type">Gauge or counter.</param>
    /// <param name="help">The meaning, as sentences.</param>
    /// <param name="source">The kernel file or request.</param>
    /// <param name="labels">Further labels.</param>
    /// <param name="read">Returns the samples in one namespace, without the label <c>netns</c>.</param>
    /// <param name="isSummed">True where the samples of namespaces that are not shown are added up. Never for a
    /// counter, because namespaces come and go.</param>
    public static MetricFamily OfNamespaces(
        string name,
        MetricType type,
        string help,
        string source,
        ImmutableArray<string> labels,
        Func<NamespaceView, IEnumerable<Sample>> read,
        bool isSummed = false
    ) => new(name, type, help, source, ["netns", .. labels], diagnosis =>
        {
            var shown = diagnosis.Namespaces.SelectMany(view =>
                read(view).Select(sample => new Sample(sample.Value, [view.Name, .. sample.Labels]))
            );
            return isSummed
                ? shown.Concat(
                    diagnosis
                        .OtherNamespaces.SelectMany(view => read(view))
                        .GroupBy(static sample => string.Join('\0', sample.Labels))
                        .Select(static same => new Sample(
                            same.Sum(static sample => sample.Value),
                            [NetworkNamespaces.Others, .. same.First().Labels]
                        ))
                )
                : shown;
        });

    /// <summary>The capability without which the family is absent; empty when it needs none.</summary>
    public string Capability { get; init; } = "";

    /// <summary>
    /// The scope of the value. Families of pools and symptoms take it from their lists. For the others, the label
    /// <c>netns</c> decides.
    /// </summary>
    public PoolScope Scope { get; init; } = Labels.Contains("netns") ? PoolScope.NetworkNamespace : PoolScope.Host;

    /// <summary>
    /// True where every network namespace keeps its samples: alerts need them, or they tell how exact others are.
    /// </summary>
    public bool IsEssential { get; init; }

    /// <summary>True where the samples of a namespace belong together: the sockets by state.</summary>
    public bool IsHistogram { get; init; }

    /// <summary>The unit of the value, where a pool or symptom has one; else empty.</summary>
    public string Unit { get; init; } = "";
}
