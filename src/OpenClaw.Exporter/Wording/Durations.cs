using System.Globalization;

namespace OpenClaw.Exporter.Wording;

/// <summary>Writes durations as people say them.</summary>
static class Durations
{
    /// <summary>Returns "1 second", "40 seconds", "12 minutes", "3 hours", "9 days".</summary>
    public static string Format(TimeSpan time) =>
        time switch
        {
            { TotalMinutes: < 2 } => Count(time.TotalSeconds, "second"),
            { TotalHours: < 2 } => Count(time.TotalMinutes, "minute"),
            { TotalDays: < 2 } => Count(time.TotalHours, "hour"),
            _ => Count(time.TotalDays, "day"),
        };

    static string Count(double number, string unit)
    {
        var text = number.ToString("0", CultureInfo.InvariantCulture);
        return $"{text} {unit}{(text == "1" ? "" : "s")}";
    }
}
