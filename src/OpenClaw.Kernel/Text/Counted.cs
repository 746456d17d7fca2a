using System.Globalization;

namespace OpenClaw.Kernel.Text;

/// <summary>Writes numbers with what they count.</summary>
public static class Counted
{
    /// <summary>Returns "1 connection", "2,000 connections".</summary>
    /// <param name="number">The number.</param>
    /// <param name="plural">The unit in plural.</param>
    public static string Format(long number, string plural) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? Singular(plural) : plural)}");

    /// <summary>Returns "entries" as "entry", "processes" as "process", "ports" as "port".</summary>
    static string Singular(string plural)
    {
        if (plural.EndsWith("ies", StringComparison.Ordinal))
            return plural[..^3] + "y";
        var isHissing =
            plural.EndsWith("sses", StringComparison.Ordinal) || plural.EndsWith("xes", StringComparison.Ordinal);
        return isHissing ? plural[..^2] : plural[..^1];
    }
}
