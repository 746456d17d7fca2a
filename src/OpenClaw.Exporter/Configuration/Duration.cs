using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenClaw.Exporter.Configuration;

/// <summary>
/// Parses durations as Prometheus writes them: 500ms, 1m30s, 2h. A part may have decimals, as in Go: 1.5h.
/// </summary>
static partial class Duration
{
    /// <summary>The longest duration. No timer can be set to much more than a month.</summary>
    const int DaysAtMost = 30;

    const double MillisecondsAtLeast = 1;

    static readonly TimeSpan AtMost = TimeSpan.FromDays(DaysAtMost);

    /// <summary>The valid durations, for messages. No timer can be set to less than a millisecond.</summary>
    public static string Expected { get; } =
        ExpectedFrom(FormattableString.Invariant($"{MillisecondsAtLeast}ms"), "500ms, 1m30s or 2h");

    /// <summary>Returns the valid durations from a shortest one, with examples.</summary>
    public static string ExpectedFrom(string shortest, string examples) =>
        string.Create(CultureInfo.InvariantCulture, $"a duration from {shortest} to {DaysAtMost}d, such as {examples}");

    /// <summary>Parses a text. Returns whether it is a duration, and its value.</summary>
    public static (bool Valid, TimeSpan Value) Parse(string text)
    {
        if (text == "0")
            return (true, TimeSpan.Zero);
        if (text.Length == 0 || Parts.Match(text) is not { Success: true } match)
            return (false, default);
        var milliseconds = match
            .Groups.Values.Skip(1)
            .Where(static part => part.Success)
            .Sum(static part =>
                double.Parse(part.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture)
                * MillisecondsOf(part.Name)
            );
        var isValid =
            milliseconds <= AtMost.TotalMilliseconds && (milliseconds == 0 || milliseconds >= MillisecondsAtLeast);
        return (isValid, isValid ? TimeSpan.FromMilliseconds(milliseconds) : default);
    }

    static double MillisecondsOf(string unit) =>
        unit switch
        {
            "w" => 7 * 24 * 3_600_000.0,
            "d" => 24 * 3_600_000.0,
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1000,
            _ => 1,
        };

    [GeneratedRegex(
        @"\A((?<w>[0-9]+(\.[0-9]+)?)w)?((?<d>[0-9]+(\.[0-9]+)?)d)?((?<h>[0-9]+(\.[0-9]+)?)h)?"
            + @"((?<m>[0-9]+(\.[0-9]+)?)m)?((?<s>[0-9]+(\.[0-9]+)?)s)?((?<ms>[0-9]+(\.[0-9]+)?)ms)?\z",
        RegexOptions.ExplicitCapture
    )]
    static partial Regex Parts { get; }
}
