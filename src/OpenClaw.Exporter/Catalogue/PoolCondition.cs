namespace OpenClaw.Exporter.Catalogue;

/// <summary>How a pool stands, in the order in which one hides another.</summary>
enum PoolCondition
{
    /// <summary>The kernel has no such resource here, so that it cannot run out.</summary>
    Absent,

    /// <summary>Below the warning ratio, or without a limit.</summary>
    Ok,

    /// <summary>It exists, but could not be read.</summary>
    Unknown,

    /// <summary>At or above the warning ratio.</summary>
    Warning,

    /// <summary>At or above the critical ratio.</summary>
    Critical,
}
