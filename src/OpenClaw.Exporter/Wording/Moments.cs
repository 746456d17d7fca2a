using System.Globalization;

namespace OpenClaw.Exporter.Wording;

/// <summary>Writes the times of events with their time zone and age.</summary>
static class Moments
{
    /// <summary>Returns "2026-03-01 14:05:09 UTC".</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Returns "14:05:09", in UTC.</summary>
    public static string Clock(DateTimeOffset time) =>
        time.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>Returns "3 minutes ago"; "now" for a time within a second of now, or after it.</summary>
    public static string Age(DateTimeOffset time, DateTimeOffset now) =>
        now - time is { TotalSeconds: >= 1 } age ? $"{Durations.Format(age)} ago" : "now";
}
