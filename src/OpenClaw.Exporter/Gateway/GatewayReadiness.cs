using System.Collections.Immutable;
using System.Text.Json;

namespace OpenClaw.Exporter.Gateway;

/// <summary>The answer of the Gateway's <c>/readyz</c>.</summary>
/// <param name="IsReady">True where it takes work.</param>
/// <param name="Failing">The parts that it waits for, such as startup-sidecars.</param>
sealed record GatewayReadiness(bool IsReady, ImmutableArray<string> Failing)
{
    const int NamesAtMost = 10;
    const int LongestName = 100;
    const double MillisecondsPerSecond = 1000;

    /// <summary>The delay of the event loop from which clients notice it.</summary>
    const double SlowSeconds = 1;

    /// <summary>The time since the Gateway started, in seconds; null when it does not tell.</summary>
    public double? UptimeSeconds { get; init; }

    /// <summary>True where it calls its own event loop degraded.</summary>
    public bool IsDegraded { get; init; }

    /// <summary>
    /// The delay of its event loop in the last seconds, 99th percentile, in seconds; null when it does not tell.
    /// </summary>
    public double? DelaySeconds { get; init; }

    /// <summary>The part of the time in which its event loop is busy, 0 to 1; null when it does not tell.</summary>
    public double? Utilization { get; init; }

    /// <summary>True where the event loop is too busy to accept connections in time.</summary>
    public bool IsSlow => IsDegraded || DelaySeconds >= SlowSeconds;

    /// <summary>Parses the body; null where it is another one, such as the HTML of the control page.</summary>
    public static GatewayReadiness? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.Find("ready")?.Truth() is not { } isReady)
                return null;
            return new(isReady, NamesOf(root))
            {
                UptimeSeconds = root.Find("uptimeMs")?.Number() / MillisecondsPerSecond,
                IsDegraded = root.Find("eventLoop", "degraded")?.Truth() == true,
                DelaySeconds = root.Find("eventLoop", "delayP99Ms")?.Number() / MillisecondsPerSecond,
                Utilization = root.Find("eventLoop", "utilization")?.Number(),
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static ImmutableArray<string> NamesOf(JsonElement root) =>
        root.Find("failing") is { ValueKind: JsonValueKind.Array } failing
            ?
            [
                .. failing
                    .EnumerateArray()
                    .Select(static name => name.Text())
                    .OfType<string>()
                    .Select(static name => name[..Math.Min(name.Length, LongestName)])
                    .Take(NamesAtMost),
            ]
            : [];

    /// <inheritdoc/>
    public bool Equals(GatewayReadiness? other) =>
        other is not null
        && IsReady == other.IsReady
        && UptimeSeconds.Equals(other.UptimeSeconds)
        && IsDegraded == other.IsDegraded
        && DelaySeconds.Equals(other.DelaySeconds)
        && Utilization.Equals(other.Utilization)
        && Failing.SequenceEqual(other.Failing);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsReady, UptimeSeconds, DelaySeconds);
}
