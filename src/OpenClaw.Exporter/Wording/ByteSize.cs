using System.Globalization;

namespace OpenClaw.Exporter.Wording;

/// <summary>Writes numbers of bytes in binary units.</summary>
static class ByteSize
{
    const int Step = 1024;

    static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Returns "512 bytes", "420 KiB", "2.2 GiB": three digits at most.</summary>
    public static string Format(double bytes)
    {
        var unit = 0;
        while (bytes >= Step - 0.5 && unit < Units.Length - 1)
        {
            bytes /= Step;
            unit++;
        }

        return bytes < 10 && unit > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes:0.#} {Units[unit]}")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes:0} {Units[unit]}");
    }
}
