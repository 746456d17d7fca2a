using System.Globalization;

namespace OpenClaw.Exporter.Gateway;

/// <summary>The output of <c>openclaw status</c> about the runtime.</summary>
/// <param name="IsHealthy">True where "Runtime:" is healthy.</param>
/// <param name="Version">The text after "Version:"; null without such a line.</param>
/// <param name="ContainersRunning">The number after "Containers Running:"; null without such a line.</param>
sealed record RuntimeStatus(bool IsHealthy, string? Version, long? ContainersRunning)
{
    const int LongestText = 100;

    /// <summary>The state of OpenClaw's service, such as running; null when unknown.</summary>
    public string? ServiceState { get; init; }

    /// <summary>The port of the Gateway; null when unknown.</summary>
    public ushort? Port { get; init; }

    /// <summary>
    /// Parses the output of any of the status commands, by its form: JSON, or the block of lines. Null for another
    /// form.
    /// </summary>
    public static RuntimeStatus? Parse(string text) => RuntimeStatusJson.Parse(text) ?? ParseLines(text);

    /// <summary>Cuts a text that is shown.</summary>
    public static string Cut(ReadOnlySpan<char> text) => text[..Math.Min(text.Length, LongestText)].ToString();

    /// <summary>
    /// Parses lines "key: value" in any order and case, and skips lines of other forms. Null without "Runtime:".
    /// </summary>
    static RuntimeStatus? ParseLines(string text)
    {
        bool? isHealthy = null;
        string? version = null;
        long? containers = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon < 0)
                continue;
            var key = line[..colon].Trim(" \t-*•");
            var value = line[(colon + 1)..].Trim();
            if (Is(key, "Runtime"))
            {
                isHealthy = HealthWords.Contains(value);
            }
            else if (Is(key, "Version") && !value.IsEmpty)
            {
                version = Cut(value);
            }
            else if (
                Is(key, "Containers Running")
                && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            )
            {
                containers = count;
            }
        }

        return isHealthy is { } health ? new(health, version, containers) : null;
    }

    static bool Is(ReadOnlySpan<char> key, string name) => key.Equals(name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The words that mean health.</summary>
static class HealthWords
{
    static readonly string[] All = ["ok", "healthy", "live"];

    /// <summary>Returns true for one of these words, in any case.</summary>
    public static bool Contains(ReadOnlySpan<char> status)
    {
        foreach (var word in All)
        {
            if (status.Trim().Equals(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
