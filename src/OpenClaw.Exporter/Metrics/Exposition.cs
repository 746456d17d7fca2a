using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Sampling;
using Prometheus;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The metrics of one diagnosis, in a registry of their own: a scrape sees one moment whole, two scrapes at once do not
/// disturb each other, and what is gone from the kernel is gone from the page.
/// </summary>
sealed class Exposition
{
    Exposition(Diagnosis diagnosis, CollectorRegistry registry) => (Diagnosis, Registry) = (diagnosis, registry);

    /// <summary>What the metrics say.</summary>
    public Diagnosis Diagnosis { get; }

    /// <summary>The metrics.</summary>
    public CollectorRegistry Registry { get; }

    /// <summary>The same, family by family; a family that has nothing to say has no samples.</summary>
    public ImmutableArray<(MetricFamily Family, ImmutableArray<Sample> Samples)> Families { get; private init; } = [];

    /// <summary>The families that a mistake of the exporter's left out.</summary>
    public ImmutableArray<(string Family, Missing Why)> Mistakes { get; private init; } = [];

    /// <summary>The same mistakes with their traces, for the log.</summary>
    public ImmutableArray<(string Family, Exception Bug)> Bugs { get; private init; } = [];

    /// <summary>Publishes every family of the catalogue that has something to say.</summary>
    public static Exposition Publish(Diagnosis diagnosis) => Publish(diagnosis, MetricCatalogue.All);

    /// <summary>Publishes every one of some families that has something to say.</summary>
    public static Exposition Publish(Diagnosis diagnosis, ImmutableArray<MetricFamily> all)
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        var families = ImmutableArray.CreateBuilder<(MetricFamily, ImmutableArray<Sample>)>();
        var bugs = ImmutableArray.CreateBuilder<(string, Exception)>();
        foreach (var family in all)
        {
            ImmutableArray<Sample> samples = [];
            try
            {
                samples = Labelled(family, [.. family.Read(diagnosis)]);
                if (!samples.IsEmpty)
                {
                    var publish = Publisher(factory, family);
                    foreach (var sample in samples)
                        publish([.. sample.Labels], sample.Value);
                }
            }
#pragma warning disable CA1031 // A bug in one family must not cost the other families.
            catch (Exception bug)
#pragma warning restore CA1031
            {
                // A partial family would look complete.
                samples = [];
                bugs.Add((family.Name, bug));
            }

            families.Add((family, samples));
        }

        return new(diagnosis, registry)
        {
            Families = families.ToImmutable(),
            Mistakes =
            [
                .. bugs.Select(static bug => (bug.Item1, new Missing(Absence.Failed, OneLine.From(bug.Item2)))),
            ],
            Bugs = bugs.ToImmutable(),
        };
    }

    /// <summary>
    /// The samples, each with a value for every label. Checked before the first is published: none can be taken back.
    /// </summary>
    static ImmutableArray<Sample> Labelled(MetricFamily family, ImmutableArray<Sample> samples)
    {
        foreach (var sample in samples)
        {
            var labels = sample.Labels.IsDefault ? [] : sample.Labels;
            if (labels.Length != family.Labels.Length || labels.Contains(null!))
            {
                throw new InvalidOperationException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"expected values for the {family.Labels.Length} labels "
                            + $"({string.Join(", ", family.Labels)}), found {labels.Length}: "
                            + $"{string.Join(", ", labels.Select(static label => label ?? "null"))}"
                    )
                );
            }
        }

        return samples;
    }

    static Action<string[], double> Publisher(MetricFactory factory, MetricFamily family)
    {
        string[] labels = [.. family.Labels];
        switch (family.Type)
        {
            case MetricType.Counter:
                var counter = factory.CreateCounter(
                    family.Name,
                    family.Help,
                    labels,
                    new CounterConfiguration { SuppressInitialValue = true }
                );
                return (values, value) => counter.WithLabels(values).IncTo(value);
            default:
                var gauge = factory.CreateGauge(
                    family.Name,
                    family.Help,
                    labels,
                    new GaugeConfiguration { SuppressInitialValue = true }
                );
                return (values, value) => gauge.WithLabels(values).Set(value);
        }
    }
}
