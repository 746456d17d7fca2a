namespace OpenClaw.Exporter.Cli.Top;

/// <summary>The characters of bars and sparklines.</summary>
/// <param name="Full">The used part of a bar.</param>
/// <param name="Empty">The free part of a bar.</param>
/// <param name="Cut">The mark of a cut text.</param>
/// <param name="Steps">The heights of a sparkline, the lowest first.</param>
sealed record Glyphs(char Full, char Empty, char Cut, string Steps)
{
    /// <summary>The characters of a terminal with UTF-8.</summary>
    public static Glyphs Unicode { get; } = new('█', '░', '…', "▁▂▃▄▅▆▇█");

    /// <summary>The characters of any terminal.</summary>
    public static Glyphs Ascii { get; } = new('#', '-', '~', "_.:-=+*#");

    /// <summary>Returns the characters for the locale in the environment, as setlocale(3) finds it.</summary>
    /// <param name="variable">Returns the value of an environment variable.</param>
    public static Glyphs ForLocale(Func<string, string?> variable)
    {
        var locale = ((string[])["LC_ALL", "LC_CTYPE", "LANG"])
            .Select(variable)
            .FirstOrDefault(static value => !string.IsNullOrEmpty(value));
        var isUtf8 =
            locale is not null
            && (
                locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase)
                || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase)
            );
        return isUtf8 ? Unicode : Ascii;
    }

    /// <summary>Returns a bar. A used amount above 0 shows, and so does a free one.</summary>
    /// <param name="ratio">The used part, 0 to 1.</param>
    /// <param name="columns">The width.</param>
    public string Bar(double ratio, int columns)
    {
        var full = ratio switch
        {
            <= 0 => 0,
            >= 1 => columns,
            _ => Math.Clamp((int)Math.Round(ratio * columns), 1, columns - 1),
        };
        return new string(Full, full) + new string(Empty, columns - full);
    }

    /// <summary>Returns a sparkline of the last values, the newest on the right.</summary>
    /// <param name="ratios">The values, 0 to 1, the oldest first.</param>
    /// <param name="columns">The width.</param>
    public string Spark(IReadOnlyList<double> ratios, int columns)
    {
        var shown = ratios.Skip(Math.Max(0, ratios.Count - columns));
        var line = string.Concat(
            shown.Select(ratio => Steps[Math.Clamp((int)(ratio * Steps.Length), 0, Steps.Length - 1)])
        );
        return line.PadLeft(columns);
    }
}
