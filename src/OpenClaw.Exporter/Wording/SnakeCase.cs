using System.Globalization;

namespace OpenClaw.Exporter.Wording;

/// <summary>Enumeration members as label values are written.</summary>
static class SnakeCase
{
    /// <summary>"TimeWait" as "time_wait".</summary>
    public static string Convert<T>(T value)
        where T : struct, Enum =>
        string.Concat(
            value
                .ToString()
                .Select(
                    static (letter, i) =>
                        (i > 0 && char.IsUpper(letter) ? "_" : "") + char.ToLower(letter, CultureInfo.InvariantCulture)
                )
        );
}
