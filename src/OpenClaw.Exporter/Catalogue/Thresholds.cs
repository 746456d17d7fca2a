namespace OpenClaw.Exporter.Catalogue;

/// <summary>The utilisations at which a condition begins, from 0 to 1.</summary>
/// <param name="Warning">The utilisation from which it is a warning.</param>
/// <param name="Critical">The utilisation from which it is critical.</param>
sealed record Thresholds(double Warning, double Critical)
{
    /// <summary>
    /// Returns the condition at a utilisation. Null is a pool without a limit, which cannot be exhausted.
    /// </summary>
    public PoolCondition Judge(double? utilization)
    {
        if (utilization >= Critical)
            return PoolCondition.Critical;
        return utilization >= Warning ? PoolCondition.Warning : PoolCondition.Ok;
    }
}
