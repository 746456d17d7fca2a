namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>What the series about filling pools are called, which the benchmark of a fleet writes as if they were recorded.</summary>
static class RecordedNames
{
    /// <summary>What they are made of: the exporter leaves out what is less than half full, which is most of a fleet.</summary>
    public const string Filled = "openclaw_network_pool_filled_ratio";

    public const string Floor = Prefix + "min1h";
    public const string SixHoursAgo = Prefix + "min1h_6h_ago";
    public const string DayAgo = Prefix + "min1h_1d_ago";
    public const string Left = Prefix + "full_seconds";

    const string Prefix = "instance_pool:" + Filled + ":";
}
