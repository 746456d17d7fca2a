using System.Collections.Immutable;
using OpenClaw.Exporter.Pools;

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
    Func<Diagnosis, IEnumerable<Sample>> Read)
{
    /// <summary>The capability without which it is absent; empty when it needs none.</summary>
    public string Capability { get; init; } = "";

    /// <summary>Whose value it is, for the reference.</summary>
    public string Scope => Labels.Contains("netns") ? "network namespace" : "host";
}
