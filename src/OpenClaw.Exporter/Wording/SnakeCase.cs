using System.Globalization;

namespace OpenClaw.Exporter.Wording;

/// <summary>Writes enumeration members as label values.</summary>
static class SnakeCase
{
    /// <summary>Returns "TimeWait" as "time_wait".</summary>
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
