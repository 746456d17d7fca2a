using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Metrics;

/// <summary>What a metric family's value does over time.</summary>
enum MetricType
{
    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Only goes up, until the kernel starts again.</summary>
    Counter,
}

/// <summary>One time series of a family at one moment.</summary>
/// <param name="Value">Its value, in the family's base unit.</param>
/// <param name="Labels">Label values, in the order of the family's labels.</param>
readonly record struct Sample(double Value, params ImmutableArray<string> Labels);

/// <summary>One metric family: what it means, where it comes from, and its samples in a diagnosis.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Type">Gauge or counter.</param>
/// <param name="Help">What it means, as sentences.</param>
/// <param name="Source">The kernel file or request, or the part of the exporter, that it comes from.</param>
/// <param name="Labels">Label names.</param>
/// <param name="Read">Its samples; none where there is nothing to say, never a 0 for what is unknown.</param>
sealed record MetricFamily(
    string Name,
    MetricType Type,
    string Help,
    string Source,
    ImmutableArray<string> Labels,
    Func<Diagnosis, IEnumerable<Sample>> Read
)
{
    /// <summary>A family of something that each network namespace has; the label <c>netns</c> comes first.</summary>
    /// <param name="name">Its full name.</param>
    /// <param name="type">Gauge or counter.</param>
    /// <param name="help">What it means, as sentences.</param>
    /// <param name="source">The kernel file or request.</param>
    /// <param name="labels">Further labels.</param>
    /// <param name="read">Its samples in one namespace, without that label.</param>
    /// <param name="isSummed">Whether those of namespaces that are not shown are added up; a counter's are not, for
    /// namespaces come and go.</param>
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

    /// <summary>The capability without which it is absent; empty when it needs none.</summary>
    public string Capability { get; init; } = "";

    /// <summary>
    /// Whose value it is: of what is no pool or symptom, whose lists say it, by whether it is told apart by namespace.
    /// </summary>
    public PoolScope Scope { get; init; } = Labels.Contains("netns") ? PoolScope.NetworkNamespace : PoolScope.Host;

    /// <summary>The unit of its value, where a pool or symptom gives one; else empty.</summary>
    public string Unit { get; init; } = "";
}
