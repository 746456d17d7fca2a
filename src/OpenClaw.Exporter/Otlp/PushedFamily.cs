using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using OpenClaw.Exporter.Metrics;

namespace OpenClaw.Exporter.Otlp;

/// <summary>
/// A metric family as an instrument of OpenTelemetry's SDK, which asks for its samples at each push. Of an instrument
/// the SDK keeps every label set that it ever saw, has room for a number of them that is fixed when the instrument is
/// made, and joins all further ones into one. So the instrument is made anew, with room for twice of what there is,
/// when its room ends.
/// </summary>
/// <param name="family">The family.</param>
/// <param name="owner">Whose instrument it is: the scope of its meter.</param>
sealed class PushedFamily(MetricFamily family, object owner) : IDisposable
{
    const int SpareRoom = 8;

    readonly Dictionary<string, double> _seen = [];
    ImmutableArray<Sample> _samples = [];
    Meter? _meter;

    /// <summary>The name of the meters.</summary>
    public const string MeterName = "openclaw-exporter";

    /// <summary>How many label sets the instrument will ever see.</summary>
    public int Room { get; private set; }

    /// <summary>Sets what the next push says of the family; what is left out the SDK leaves out, too.</summary>
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
    /// Whether a counter counts from 0 again. Receivers tell that from the time of its start, which is the
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

        // Without a unit: where metrics of OpenTelemetry become Prometheus' again, it would be put behind the name.
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
