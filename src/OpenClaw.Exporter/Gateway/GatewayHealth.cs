using System.Text.Json;

namespace OpenClaw.Exporter.Gateway;

/// <summary>What the Gateway's health address says.</summary>
/// <param name="IsHealthy">Whether it answers, and well.</param>
/// <param name="NoAnswer">Why there was no answer; null when there was one.</param>
sealed record GatewayHealth(bool IsHealthy, string? NoAnswer)
{
    /// <summary>
    /// Whether an answer of success means health: unless its JSON has a "status" that is no word of health, or "ok":
    /// false.
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
