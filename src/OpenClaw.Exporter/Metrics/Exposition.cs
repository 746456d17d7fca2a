using System.Collections.Immutable;
using OpenClaw.Exporter.Problems;
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

    /// <summary>Publishes every family of the catalogue that has something to say.</summary>
    public static Exposition Of(Diagnosis diagnosis) => Of(diagnosis, MetricCatalogue.All);

    /// <summary>Publishes every one of some families that has something to say.</summary>
    public static Exposition Of(Diagnosis diagnosis, ImmutableArray<MetricFamily> all)
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        var families = ImmutableArray.CreateBuilder<(MetricFamily, ImmutableArray<Sample>)>();
        var mistakes = ImmutableArray.CreateBuilder<(string, Missing)>();
        foreach (var family in all)
        {
            ImmutableArray<Sample> samples = [];
            try
            {
                samples = [.. family.Read(diagnosis)];
            }
#pragma warning disable CA1031 // One family's bug must not take the other families with it; and a part of it would be a lie.
            catch (Exception bug)
#pragma warning restore CA1031
            {
                mistakes.Add((family.Name, new(Absence.Failed, $"{bug}")));
            }

            families.Add((family, samples));
            if (samples.IsEmpty)
                continue;
            var publish = Publisher(factory, family);
            foreach (var sample in samples)
                publish([.. sample.Labels], sample.Value);
        }

        return new(diagnosis, registry) { Families = families.ToImmutable(), Mistakes = mistakes.ToImmutable() };
    }

    static Action<string[], double> Publisher(MetricFactory factory, MetricFamily family)
    {
        string[] labels = [.. family.Labels];
        switch (family.Type)
        {
            case MetricType.Counter:
                var counter = factory.CreateCounter(family.Name, family.Help, labels, new CounterConfiguration { SuppressInitialValue = true });
                return (values, value) => counter.WithLabels(values).IncTo(value);
            default:
                var gauge = factory.CreateGauge(family.Name, family.Help, labels, new GaugeConfiguration { SuppressInitialValue = true });
                return (values, value) => gauge.WithLabels(values).Set(value);
        }
    }
}
