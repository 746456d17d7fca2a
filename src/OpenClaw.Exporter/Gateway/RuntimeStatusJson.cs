using System.Text.Json;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// The output of <c>openclaw gateway status --json</c> and of <c>openclaw status --json</c>, as of version 2026.9.
/// </summary>
static class RuntimeStatusJson
{
    /// <summary>Parses either output, also after lines of warnings; null for another form.</summary>
    public static RuntimeStatus? Parse(string text)
    {
        var start = text.StartsWith('{') ? 0 : text.IndexOf("\n{", StringComparison.Ordinal);
        if (start < 0)
            return null;
        try
        {
            using var json = JsonDocument.Parse(text.AsMemory(start));
            return OfGateway(json.RootElement) ?? OfAll(json.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// Reads the status of the Gateway. It is healthy where the command reached it, whether or not the command had the
    /// token for more.
    /// </summary>
    static RuntimeStatus? OfGateway(JsonElement root)
    {
        if (root.Find("gateway") is not { } gateway || root.Find("service") is null)
            return null;
        var state = Text(root, "service", "runtime", "status");
        var isReached = root.Find("rpc", "gatewayReached")?.Truth() ?? root.Find("rpc", "ok")?.Truth();
        return new(
            isReached ?? state == "running",
            Text(root, "gateway", "version")
                ?? Text(root, "pluginVersionDrift", "gatewayVersion")
                ?? Text(root, "cli", "version"),
            null
        )
        {
            ServiceState = state,
            Port = Port(gateway.Find("port")?.Number()),
        };
    }

    static RuntimeStatus? OfAll(JsonElement root)
    {
        if (root.Find("gateway", "reachable")?.Truth() is not { } isReachable)
            return null;
        var address = Text(root, "gateway", "url");
        return new(isReachable, Text(root, "runtimeVersion") ?? Text(root, "gateway", "self", "version"), null)
        {
            ServiceState = Text(root, "gatewayService", "runtimeShort"),
            Port = Uri.TryCreate(address, UriKind.Absolute, out var url) ? Port(url.Port) : null,
        };
    }

    static string? Text(JsonElement root, params ReadOnlySpan<string> names) =>
        root.Find(names)?.Text() is { Length: > 0 } text ? RuntimeStatus.Cut(text) : null;

    static ushort? Port(double? number) => number is > 0 and <= ushort.MaxValue ? (ushort)number : null;
}
