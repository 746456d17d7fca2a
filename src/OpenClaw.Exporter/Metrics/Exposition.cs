using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;
using Prometheus;

namespace OpenClaw.Exporter.Metrics;

/// <summary>
/// The metrics of one diagnosis, in a registry of their own. So a scrape shows one moment, simultaneous scrapes are
/// independent, and a series ends with the kernel object.
/// </summary>
sealed class Exposition
{
    /// <summary>The longest label that fits in its bytes with any characters.</summary>
    const int LongLabel = Bounds.NameBytes / 3;

    Exposition(Diagnosis diagnosis, CollectorRegistry registry) => (Diagnosis, Registry) = (diagnosis, registry);

    /// <summary>The diagnosis behind the metrics.</summary>
    public Diagnosis Diagnosis { get; }

    /// <summary>The metrics.</summary>
    public CollectorRegistry Registry { get; }

    /// <summary>The metrics by family. A family without data has no samples.</summary>
    public ImmutableArray<(MetricFamily Family, ImmutableArray<Sample> Samples)> Families { get; private init; } = [];

    /// <summary>The families that are omitted because of a bug in the exporter.</summary>
    public ImmutableArray<(string Family, Missing Why)> Mistakes { get; private init; } = [];

    /// <summary>The same bugs with their stack traces, for the log.</summary>
    public ImmutableArray<(string Family, Exception Bug)> Bugs { get; private init; } = [];

    /// <summary>Publishes every family of the catalogue that has samples.</summary>
    public static Exposition Publish(Diagnosis diagnosis) => Publish(diagnosis, MetricCatalogue.All);

    /// <summary>Publishes some families, as far as they have samples.</summary>
    public static Exposition Publish(Diagnosis diagnosis, ImmutableArray<MetricFamily> all)
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        var bugs = ImmutableArray.CreateBuilder<(string, Exception)>();
        var families = FurtherNamespaces.Limit(
            diagnosis,
            [.. all.Select(family => (family, Guard(family, () => Labelled(family, [.. family.Read(diagnosis)]))))]
        );
        families = [.. families.Select(entry => (entry.Family, Guard(entry.Family, () => Published(entry))))];

        return new(diagnosis, registry)
        {
            Families = families,
            Mistakes =
            [
                .. bugs.Select(static bug => (bug.Item1, new Missing(Absence.Failed, OneLine.From(bug.Item2)))),
            ],
            Bugs = bugs.ToImmutable(),
        };

        ImmutableArray<Sample> Published((MetricFamily Family, ImmutableArray<Sample> Samples) entry)
        {
            if (entry.Samples.IsEmpty)
                return [];
            var publish = Publisher(factory, entry.Family);
            foreach (var sample in entry.Samples)
                publish([.. sample.Labels], sample.Value);
            return entry.Samples;
        }

        // A partial family would look complete. So a bug leaves none of its samples.
        ImmutableArray<Sample> Guard(MetricFamily family, Func<ImmutableArray<Sample>> samples)
        {
            try
            {
                return samples();
            }
#pragma warning disable CA1031 // A bug in one family must not cost the other families.
            catch (Exception bug)
#pragma warning restore CA1031
            {
                bugs.Add((family.Name, bug));
                return [];
            }
        }
    }

    /// <summary>
    /// Returns the samples, after a check that each has a value for every label. The check comes first, because a
    /// published sample cannot be removed.
    /// </summary>
    static ImmutableArray<Sample> Labelled(MetricFamily family, ImmutableArray<Sample> samples)
    {
        var bounded = ImmutableArray.CreateBuilder<Sample>(samples.Length);
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

            bounded.Add(
                sample with
                {
                    Labels = labels.Any(static label => label.Length > LongLabel)
                        ? [.. labels.Select(BoundedName.Shorten)]
                        : labels,
                }
            );
        }

        return bounded.MoveToImmutable();
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
