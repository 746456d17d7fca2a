using System.Text.Json;

namespace OpenClaw.Exporter.Gateway;

/// <summary>The answer of the Gateway's health address.</summary>
/// <param name="IsHealthy">True where it answers that it is healthy.</param>
/// <param name="NoAnswer">The reason why there was no answer; null when there was one.</param>
sealed record GatewayHealth(bool IsHealthy, string? NoAnswer)
{
    /// <summary>The port of the health address, which is the Gateway's; null when it is unknown.</summary>
    public ushort? Port { get; init; }

    /// <summary>
    /// Returns true where a successful answer means health: its JSON has no "status" with another word than those of
    /// health, and no "ok": false.
    /// </summary>
    public static bool SaysHealthy(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return true;
            if (root.TryGetProperty("ok", out var ok) && ok.ValueKind == JsonValueKind.False)
                return false;
            return !root.TryGetProperty("status", out var status)
                || status.ValueKind != JsonValueKind.String
                || HealthWords.Contains(status.GetString());
        }
        catch (JsonException)
        {
            return true;
        }
    }
}
