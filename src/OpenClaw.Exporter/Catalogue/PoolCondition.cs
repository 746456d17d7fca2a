namespace OpenClaw.Exporter.Catalogue;

/// <summary>The condition of a pool, in the order in which one hides another.</summary>
enum PoolCondition
{
    /// <summary>The kernel has no such resource here, so it cannot be exhausted.</summary>
    Absent,

    /// <summary>The utilisation is below the warning ratio, or there is no limit.</summary>
    Ok,

    /// <summary>The pool exists, but could not be read.</summary>
    Unknown,

    /// <summary>The utilisation is at or above the warning ratio.</summary>
    Warning,

    /// <summary>The utilisation is at or above the critical ratio.</summary>
    Critical,
}
