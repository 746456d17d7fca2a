using System.Collections.Immutable;
using Google.Protobuf;

namespace OpenClaw.Testing;

/// <summary>A data point of a push.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Description">The metric's description.</param>
/// <param name="Unit">The metric's unit.</param>
/// <param name="Kind">"gauge", or "sum" with its temporality (2 is cumulative) and its monotonicity.</param>
/// <param name="Labels">The attributes as name="value", ordered by name.</param>
/// <param name="Start">The start of the counter.</param>
/// <param name="Time">The time of the reading.</param>
/// <param name="Value">The value.</param>
sealed record OtlpPoint(
    string Name,
    string Description,
    string Unit,
    string Kind,
    string Labels,
    DateTimeOffset Start,
    DateTimeOffset Time,
    double Value
);

/// <summary>
/// An ExportMetricsServiceRequest, decoded by the field numbers of opentelemetry/proto: metrics/v1/metrics.proto,
/// resource/v1/resource.proto and common/v1/common.proto.
/// </summary>
/// <param name="Path">The path of the request.</param>
/// <param name="Headers">The headers of the request.</param>
/// <param name="Resource">The attributes of the resource.</param>
/// <param name="Scope">The name and version of the scope.</param>
/// <param name="Points">All points of all metrics.</param>
sealed record OtlpMetrics(
    string Path,
    ImmutableDictionary<string, string> Headers,
    ImmutableDictionary<string, string> Resource,
    string Scope,
    ImmutableArray<OtlpPoint> Points
)
{
    public static OtlpMetrics Parse(string path, ImmutableDictionary<string, string> headers, byte[] message)
    {
        var resource = ImmutableDictionary.CreateBuilder<string, string>();
        var points = ImmutableArray.CreateBuilder<OtlpPoint>();
        var scope = "";
        foreach (var resourceMetrics in Messages(message, 1))
        {
            foreach (var attribute in Messages(Messages(resourceMetrics, 1).Single(), 1))
                resource.Add(Attribute(attribute));
            foreach (var scopeMetrics in Messages(resourceMetrics, 2))
            {
                scope = string.Join(
                    ' ',
                    Messages(scopeMetrics, 1).SelectMany(static of => (string[])[Text(of, 1), Text(of, 2)])
                );
                points.AddRange(Messages(scopeMetrics, 2).SelectMany(Decode));
            }
        }

        return new(path, headers, resource.ToImmutable(), scope, points.ToImmutable());
    }

    static IEnumerable<OtlpPoint> Decode(byte[] metric)
    {
        var (name, description, unit) = (Text(metric, 1), Text(metric, 2), Text(metric, 3));
        foreach (var (field, content) in Fields(metric).Where(static field => field.Number > 3))
        {
            // Gauge is field 5, Sum is field 7; the exporter sends no others.
            var data = (byte[])content;
            var kind = field switch
            {
                5 => "gauge",
                7 => $"sum {Number(data, 2)} {(Number(data, 3) == 1 ? "monotonic" : "not monotonic")}",
                _ => throw new InvalidDataException($"{name}: data of field {field}"),
            };
            foreach (var point in Messages(data, 1))
            {
                yield return new(
                    name,
                    description,
                    unit,
                    kind,
                    string.Join(
                        ",",
                        Messages(point, 7)
                            .Select(Attribute)
                            .OrderBy(static label => label.Key, StringComparer.Ordinal)
                            .Select(static label => $"{label.Key}=\"{label.Value}\"")
                    ),
                    Time(Number(point, 2)),
                    Time(Number(point, 3)),
                    BitConverter.UInt64BitsToDouble(Number(point, 4))
                );
            }
        }
    }

    /// <summary>A KeyValue with a string as its AnyValue.</summary>
    static KeyValuePair<string, string> Attribute(byte[] attribute) =>
        KeyValuePair.Create(Text(attribute, 1), Text(Messages(attribute, 2).Single(), 1));

    static DateTimeOffset Time(ulong nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / 100));

    static string Text(byte[] message, int number) =>
        System.Text.Encoding.UTF8.GetString(Messages(message, number).LastOrDefault() ?? []);

    static ulong Number(byte[] message, int number) =>
        (ulong)(Fields(message).LastOrDefault(field => field.Number == number).Value ?? 0UL);

    static IEnumerable<byte[]> Messages(byte[] message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(static field => (byte[])field.Value);

    static List<(int Number, object Value)> Fields(byte[] message)
    {
        var fields = new List<(int, object)>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is not 0 and var tag)
        {
            fields.Add(
                (
                    WireFormat.GetTagFieldNumber(tag),
                    WireFormat.GetTagWireType(tag) switch
                    {
                        WireFormat.WireType.LengthDelimited => input.ReadBytes().ToByteArray(),
                        WireFormat.WireType.Fixed64 => input.ReadFixed64(),
                        WireFormat.WireType.Varint => input.ReadUInt64(),
                        WireFormat.WireType.Fixed32 => (ulong)input.ReadFixed32(),
                        var other => throw new InvalidDataException($"wire type {other}"),
                    }
                )
            );
        }

        return fields;
    }
}
