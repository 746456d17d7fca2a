using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>An alert as Alertmanager sends it to a webhook receiver.</summary>
/// <param name="Status">"firing" or "resolved".</param>
/// <param name="Labels">The labels.</param>
/// <param name="Annotations">The annotations.</param>
sealed record Page(string Status, Dictionary<string, string> Labels, Dictionary<string, string> Annotations)
{
    /// <summary>Parses the alerts of one notification.</summary>
    public static async Task<IReadOnlyList<Page>> ParseAsync(Stream body, CancellationToken cancellation)
    {
        using var notification = await JsonDocument.ParseAsync(body, cancellationToken: cancellation);
        return
        [
            .. notification
                .RootElement.GetProperty("alerts")
                .EnumerateArray()
                .Select(static alert => new Page(
                    alert.GetProperty("status").GetString()!,
                    Strings(alert, "labels"),
                    Strings(alert, "annotations")
                )),
        ];
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Status} {JsonSerializer.Serialize(Labels)} {JsonSerializer.Serialize(Annotations)}";

    static Dictionary<string, string> Strings(JsonElement alert, string name) =>
        alert
            .GetProperty(name)
            .EnumerateObject()
            .ToDictionary(static text => text.Name, static text => text.Value.GetString()!);
}
