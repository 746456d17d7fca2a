using System.Collections.Immutable;

namespace OpenClaw.Exporter.Wording;

/// <summary>Makes titles for people from names in metrics.</summary>
static class Titles
{
    static readonly ImmutableHashSet<string> Acronyms = ["tcp", "udp", "syn", "snat"];

    /// <summary>Returns "tcp_memory_bytes" as "TCP memory bytes", "listen_drops" as "Listen drops".</summary>
    public static string From(string name)
    {
        var words = Words(name);
        return char.ToUpperInvariant(words[0]) + words[1..];
    }

    /// <summary>Returns "tcp_memory_bytes" as "TCP memory bytes", "listen_drops" as "listen drops".</summary>
    public static string Words(string name) =>
        string.Join(
                ' ',
                name.Split('_').Select(static word => Acronyms.Contains(word) ? word.ToUpperInvariant() : word)
            )
            .Replace("time wait", "TIME_WAIT", StringComparison.Ordinal);
}
