using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using OpenClaw.Exporter.Metrics;

namespace OpenClaw.Exporter.Otlp;

/// <summary>
/// A metric family as an instrument of OpenTelemetry's SDK, which reads its samples at each push. The SDK keeps every
/// label set that an instrument ever had. The room for label sets is fixed at creation, and further ones are merged
/// into one. So the instrument is replaced when its room is full, with room for twice as many.
/// </summary>
/// <param name="family">The family.</param>
/// <param name="owner">The owner of the instrument, as the scope of its meter.</param>
sealed class PushedFamily(MetricFamily family, object owner) : IDisposable
{
    const int SpareRoom = 8;

    readonly Dictionary<string, double> _seen = [];
    ImmutableArray<Sample> _samples = [];
    Meter? _meter;

    /// <summary>The name of the meters.</summary>
    public const string MeterName = "openclaw-exporter";

    /// <summary>The number of label sets that the instrument has room for.</summary>
    public int Room { get; private set; }

    /// <summary>Sets the samples of the next push. The SDK omits series that are not among them.</summary>
    public void Show(ImmutableArray<Sample> samples)
    {
        _samples = samples;
        var series = samples.Select(static sample => (Labels: string.Join('\0', sample.Labels), sample.Value)).ToList();
        if (
            _meter is null
            || BeginsAgain(series)
            || _seen.Count + series.Count(one => !_seen.ContainsKey(one.Labels)) > Room
        )
        {
            Renew();
        }

        foreach (var (labels, value) in series)
            _seen[labels] = value;
    }

    /// <inheritdoc/>
    public void Dispose() => _meter?.Dispose();

    /// <summary>
    /// Returns true where a counter starts from 0 again. Receivers detect that by the start time, which is the
    /// instrument's.
    /// </summary>
    bool BeginsAgain(List<(string Labels, double Value)> series) =>
        family.Type == MetricType.Counter
        && series.Exists(one => _seen.TryGetValue(one.Labels, out var before) && one.Value < before);

    void Renew()
    {
        _meter?.Dispose();
        _seen.Clear();
        Room = (2 * _samples.Length) + SpareRoom;
        _meter = new(new MeterOptions(MeterName) { Version = BuildInfo.Version, Scope = owner });

        // Without a unit. When the metrics of OpenTelemetry become Prometheus' again, the unit would be appended to the
        // name.
        _ =
            family.Type == MetricType.Counter
                ? _meter.CreateObservableCounter(family.Name, Observe, description: family.Help)
                : (Instrument)_meter.CreateObservableGauge(family.Name, Observe, description: family.Help);
    }

    IEnumerable<Measurement<double>> Observe() =>
        _samples.Select(sample => new Measurement<double>(
            sample.Value,
            family.Labels.Zip(sample.Labels, static (name, value) => KeyValuePair.Create(name, (object?)value))
        ));
}
