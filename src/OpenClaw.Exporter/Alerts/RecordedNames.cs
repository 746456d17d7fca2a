namespace OpenClaw.Exporter.Alerts;

/// <summary>
/// The names of the series recorded about filling pools. The benchmark of a fleet also writes these series.
/// </summary>
static class RecordedNames
{
    /// <summary>The metric that they are recorded from. It omits pools that are less than half full.</summary>
    public const string Filled = "openclaw_network_pool_filled_ratio";

    public const string Floor = Prefix + "min1h";
    public const string SixHoursAgo = Prefix + "min1h_6h_ago";
    public const string DayAgo = Prefix + "min1h_1d_ago";
    public const string Left = Prefix + "full_seconds";

    const string Prefix = "instance_pool:" + Filled + ":";
}
