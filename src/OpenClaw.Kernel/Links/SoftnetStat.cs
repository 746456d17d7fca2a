using System.Globalization;
using System.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Links;

/// <summary>/proc/net/softnet_stat: packets between the network cards and the protocols, over all CPUs of the machine.</summary>
/// <param name="Drops">Packets dropped because a CPU's backlog (net.core.netdev_max_backlog) was full.</param>
/// <param name="TimesSqueezed">How often a CPU stopped with packets left because its budget was used up.</param>
public sealed record SoftnetStat(long Drops, long TimesSqueezed)
{
    internal const string File = "thread-self/net/softnet_stat";

    /// <summary>Parses a line of hexadecimal numbers for each CPU; the file has no names, the first three have always stood there.</summary>
    public static Reading<SoftnetStat> Parse(ReadOnlySpan<byte> text)
    {
        var (drops, squeezed, line) = (0L, 0L, 0);
        foreach (var row in Encoding.ASCII.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            line++;
            var words = row.Split(' ');
            if (words.Length < 3
                || !long.TryParse(words[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var drop)
                || !long.TryParse(words[2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var squeeze))
            {
                return KernelText.Malformed(line, "at least three hexadecimal numbers", Encoding.ASCII.GetBytes(row));
            }

            drops += drop;
            squeezed += squeeze;
        }

        return line > 0 ? new SoftnetStat(drops, squeezed) : KernelText.Malformed(1, "a line for each CPU", text);
    }
}
