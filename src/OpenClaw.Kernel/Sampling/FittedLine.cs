namespace OpenClaw.Kernel.Sampling;

/// <summary>The straight line that fits points best, by least squares.</summary>
/// <param name="Slope">The rise in one unit of x; NaN when all points have the same x.</param>
/// <param name="Uncertainty">The standard error of the slope, from the distances of the points to the line; NaN for
/// fewer than three points.</param>
public readonly record struct FittedLine(double Slope, double Uncertainty)
{
    /// <summary>Fits the line.</summary>
    public static FittedLine Through(IReadOnlyCollection<(double X, double Y)> points)
    {
        var middle = points.Average(static point => point.X);
        var mean = points.Average(static point => point.Y);
        var spread = points.Sum(point => Math.Pow(point.X - middle, 2));
        var slope = points.Sum(point => (point.X - middle) * (point.Y - mean)) / spread;
        var rest = points.Sum(point => Math.Pow(point.Y - mean - (slope * (point.X - middle)), 2));
        return new(slope, Math.Sqrt(rest / (points.Count - 2) / spread));
    }
}
