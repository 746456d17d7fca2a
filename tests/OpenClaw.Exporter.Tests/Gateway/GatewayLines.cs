using System.Text;
using System.Text.Json;
using OpenClaw.Exporter.Gateway;

namespace OpenClaw.Exporter.Tests;

/// <summary>Reads lines as the log of a Gateway, at noon of a day.</summary>
static class GatewayLines
{
    static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Creates an empty log.</summary>
    public static ClwLog CreateLog() => new(new FixedClock());

    /// <summary>Returns the errors in a text.</summary>
    public static ClwErrors Read(string text)
    {
        var log = CreateLog();
        log.Append(Encoding.UTF8.GetBytes(text));
        return log.Errors;
    }

    /// <summary>Returns a line as the Gateway's logger writes it.</summary>
    public static string JsonLine(string message)
    {
        var text = JsonSerializer.Serialize(message);
        return "{\"0\":\"{\\\"subsystem\\\":\\\"gateway\\\"}\",\"1\":"
            + text
            + ",\"_meta\":{\"runtime\":\"node\",\"date\":\"2026-11-28T08:18:58.687Z\",\"logLevelId\":4,"
            + "\"logLevelName\":\"WARN\",\"path\":{\"filePath\":\"dist/EMFILE.js\"}},"
            + "\"time\":\"2026-11-28T08:18:58.687+00:00\",\"hostname\":\"a\",\"message\":"
            + text
            + "}";
    }

    sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
