namespace OpenClaw.Exporter.Alerts;

/// <summary>Names of the recorded series about filling pools. A fleet's benchmark writes them as if they were recorded.</summary>
static class RecordedNames
{
    /// <summary>The metric they are recorded from. It leaves out what is less than half full, which is most of a fleet.</summary>
    public const string Filled = "openclaw_network_pool_filled_ratio";

    public const string Floor = Prefix + "min1h";
    public const string SixHoursAgo = Prefix + "min1h_6h_ago";
    public const string DayAgo = Prefix + "min1h_1d_ago";
    public const string Left = Prefix + "full_seconds";

    const string Prefix = "instance_pool:" + Filled + ":";
}
