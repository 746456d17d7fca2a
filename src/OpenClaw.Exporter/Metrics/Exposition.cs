using OpenClaw.Exporter.Pools;
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

    /// <summary>Publishes every family of the catalogue that has something to say.</summary>
    public static Exposition Of(Diagnosis diagnosis)
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        foreach (var family in MetricCatalogue.All)
        {
            using var samples = family.Read(diagnosis).GetEnumerator();
            if (!samples.MoveNext())
                continue;
            var publish = Publisher(factory, family);
            do
            {
                publish([.. samples.Current.Labels], samples.Current.Value);
            }
            while (samples.MoveNext());
        }

        return new(diagnosis, registry);
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
