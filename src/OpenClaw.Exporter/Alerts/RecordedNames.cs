namespace OpenClaw.Exporter.Alerts;

/// <summary>Names of the series recorded about filling pools, which a fleet's benchmark writes, too.</summary>
static class RecordedNames
{
    /// <summary>The metric they are recorded from, which leaves out what is less than half full.</summary>
    public const string Filled = "openclaw_network_pool_filled_ratio";

    public const string Floor = Prefix + "min1h";
    public const string SixHoursAgo = Prefix + "min1h_6h_ago";
    public const string DayAgo = Prefix + "min1h_1d_ago";
    public const string Left = Prefix + "full_seconds";

    const string Prefix = "instance_pool:" + Filled + ":";
}
