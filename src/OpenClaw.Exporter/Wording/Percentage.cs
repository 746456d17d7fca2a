using System.Globalization;

namespace OpenClaw.Exporter.Wording;

/// <summary>Parts of a whole as people write them.</summary>
static class Percentage
{
    /// <summary>The most that is shown of what is not full: "100%" would say that nothing is left.</summary>
    const double AlmostFull = 0.999;

    /// <summary>"75%", "93.4%"; never "100%" for less than that.</summary>
    public static string Format(double ratio) =>
        (ratio < 1 ? Math.Min(ratio, AlmostFull) : ratio).ToString("0.#%", CultureInfo.InvariantCulture);
}
