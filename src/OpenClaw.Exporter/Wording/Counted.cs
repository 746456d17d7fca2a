using System.Globalization;

namespace OpenClaw.Exporter.Wording;

/// <summary>Writes numbers with what they count.</summary>
static class Counted
{
    /// <summary>Returns "1 connection", "2,000 connections".</summary>
    /// <param name="number">The number.</param>
    /// <param name="plural">The unit in plural.</param>
    public static string Format(long number, string plural) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? Titles.Singular(plural) : plural)}");
}
