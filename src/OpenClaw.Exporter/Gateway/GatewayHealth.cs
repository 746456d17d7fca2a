using System.Collections.Immutable;
using System.Text.Json;

namespace OpenClaw.Exporter.Gateway;

/// <summary>The answer of the Gateway's health address.</summary>
/// <param name="IsHealthy">True where it answers that it is healthy.</param>
/// <param name="NoAnswer">The reason why there was no answer of a Gateway; null when there was one.</param>
sealed record GatewayHealth(bool IsHealthy, string? NoAnswer)
{
    /// <summary>The port of the health address, which is the Gateway's; null when it is unknown.</summary>
    public ushort? Port { get; init; }

    /// <summary>The network namespace of the Gateway; empty for the exporter's own.</summary>
    public string Netns { get; init; } = "";

    /// <summary>The answer of its <c>/readyz</c>; null when it was not asked or did not answer.</summary>
    public GatewayReadiness? Readiness { get; init; }

    /// <summary>The version in its control page; null when it was not asked or shows none.</summary>
    public string? Version { get; init; }

    /// <summary>The health of each Gateway, where several were found; empty otherwise.</summary>
    public ImmutableArray<GatewayHealth> Each { get; init; } = [];

    /// <summary>True where it answers too slowly to accept connections in time, or not at all.</summary>
    public bool IsSlow => Readiness is { } readiness ? readiness.IsSlow : HasTimedOut || IsCrowded;

    /// <summary>True where it was not asked, because connections wait for it to accept them.</summary>
    public bool IsCrowded { get; init; }

    /// <summary>True where it accepted the question and did not answer in time.</summary>
    public bool HasTimedOut { get; init; }

    /// <summary>
    /// Combines the health of several Gateways. Each number comes from the worst Gateway, so that a single one in
    /// trouble shows. Where a Gateway is in the exporter's own network namespace, the numbers are of those there.
    /// Anybody in a container can pretend to be a Gateway.
    /// </summary>
    public static GatewayHealth Combine(ImmutableArray<GatewayHealth> all)
    {
        var each = all.Where(static one => one.Netns.Length == 0).ToImmutableArray();
        var worst = Worst(each.IsEmpty ? all : each);
        return all.Length > 1 ? worst with { Each = all } : worst;
    }

    static GatewayHealth Worst(ImmutableArray<GatewayHealth> each)
    {
        if (each.Length == 1)
            return each[0];
        var worst = each.OrderBy(static one => one.IsHealthy).ThenByDescending(static one => one.IsSlow).First();
        var ready = each.Select(static one => one.Readiness).OfType<GatewayReadiness>().ToList();
        return worst with
        {
            Readiness =
                ready.Count == 0
                    ? null
                    : new(ready.TrueForAll(static one => one.IsReady), [.. ready.SelectMany(static one => one.Failing)])
                    {
                        UptimeSeconds = ready.Min(static one => one.UptimeSeconds),
                        IsDegraded = ready.Exists(static one => one.IsDegraded),
                        DelaySeconds = ready.Max(static one => one.DelaySeconds),
                        Utilization = ready.Max(static one => one.Utilization),
                    },
        };
    }

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
            if (root.Find("ok")?.Truth() == false)
                return false;
            return root.Find("status") is not { ValueKind: JsonValueKind.String } status
                || HealthWords.Contains(status.Text());
        }
        catch (JsonException)
        {
            return true;
        }
    }

    /// <summary>Returns true for the body that a Gateway answers: a JSON object with "ok" and "status".</summary>
    public static bool IsOfGateway(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.Find("ok")?.Truth() is not null
                && json.RootElement.Find("status")?.Text() is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>
    /// Returns true for HTML. The Gateway answers every path that it does not know with its control page, so a wrong
    /// path is answered with success.
    /// </summary>
    public static bool IsHtml(ReadOnlySpan<byte> body)
    {
        const byte byteOrderMark = 0xef;
        if (!body.IsEmpty && body[0] == byteOrderMark)
            body = body[Math.Min(3, body.Length)..];
        return body.TrimStart(" \t\r\n"u8).StartsWith("<"u8);
    }
}
