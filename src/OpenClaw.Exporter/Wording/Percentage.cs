using System.Globalization;

namespace OpenClaw.Exporter.Wording;

/// <summary>Writes ratios as people do.</summary>
static class Percentage
{
    /// <summary>The highest value shown for a pool that is not full. "100%" would mean that nothing is left.</summary>
    const double AlmostFull = 0.999;

    /// <summary>Returns "75%", "93.4%"; never "100%" for less than that.</summary>
    public static string Format(double ratio) =>
        (ratio < 1 ? Math.Min(ratio, AlmostFull) : ratio).ToString("0.#%", CultureInfo.InvariantCulture);
}
