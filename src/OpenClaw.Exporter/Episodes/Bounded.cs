using System.Collections.Immutable;

namespace OpenClaw.Exporter.Episodes;

/// <summary>The bounds of an episode, so that its record on disk has at most 32 KiB.</summary>
static class Bounded
{
    /// <summary>The characters of a text; a longer one is cut with a mark.</summary>
    public const int Characters = 300;

    /// <summary>The holders, effects, namespaces and codes of an episode.</summary>
    public const int Items = 8;

    /// <summary>The changes of the phase: the first one, and the last ones.</summary>
    public const int Phases = 32;

    /// <summary>Returns a text up to the limit.</summary>
    public static string Text(string text) => text.Length > Characters ? text[..(Characters - 1)] + "…" : text;

    /// <summary>Returns the first texts, each up to the limit.</summary>
    public static ImmutableArray<string> Texts(IEnumerable<string> texts) => [.. texts.Take(Items).Select(Text)];
}
