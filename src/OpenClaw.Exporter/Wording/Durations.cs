using System.Globalization;

namespace OpenClaw.Exporter.Wording;

/// <summary>Writes durations as people say them.</summary>
static class Durations
{
    /// <summary>Returns "40 seconds", "12 minutes", "3 hours", "9 days".</summary>
    public static string Format(TimeSpan time) =>
        time switch
        {
            { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} seconds"),
            { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} minutes"),
            { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0} hours"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0} days"),
        };
}
