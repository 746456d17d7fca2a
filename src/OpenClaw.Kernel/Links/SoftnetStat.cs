using System.Buffers.Text;
using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Links;

/// <summary>
/// The packets between the network cards and the protocols, over all CPUs of the machine (/proc/net/softnet_stat).
/// </summary>
/// <param name="Drops">Packets dropped because a CPU's backlog (net.core.netdev_max_backlog) was full.</param>
/// <param name="TimesSqueezed">The number of times that a CPU stopped with packets left because its budget was used
/// up.</param>
public sealed record SoftnetStat(long Drops, long TimesSqueezed);

/// <summary>Counters of one online CPU: a line of the file.</summary>
/// <param name="Cpu">The id of the CPU; null before Linux 5.10, which does not show it.</param>
/// <param name="Drops">As in <see cref="SoftnetStat"/>; 32 bits in the kernel.</param>
/// <param name="TimesSqueezed">As in <see cref="SoftnetStat"/>; 32 bits in the kernel.</param>
readonly record struct SoftnetLine(int? Cpu, uint Drops, uint TimesSqueezed)
{
    internal const string File = "thread-self/net/softnet_stat";

    const int DropColumn = 1;
    const int SqueezeColumn = 2;

    /// <summary>
    /// The column of the CPU's id, since Linux 5.10 (softnet_seq_show in net/core/net-procfs.c). Before that, lines
    /// were shorter.
    /// </summary>
    const int CpuColumn = 12;

    /// <summary>
    /// Parses a line of hexadecimal numbers for each CPU. The file has no column names; the first three columns have
    /// never changed.
    /// </summary>
    public static Reading<ImmutableArray<SoftnetLine>> Parse(ReadOnlySpan<byte> text)
    {
        var lines = ImmutableArray.CreateBuilder<SoftnetLine>();
        foreach (var range in text.TrimEnd((byte)'\n').Split((byte)'\n'))
        {
            var row = text[range];
            if (!TryParse(row, out var line))
                return KernelText.Malformed(lines.Count + 1, "at least three hexadecimal numbers", row);
            lines.Add(line);
        }

        return lines.ToImmutable();
    }

    static bool TryParse(ReadOnlySpan<byte> row, out SoftnetLine line)
    {
        line = new(null, 0, 0);
        var column = 0;
        for (; KernelText.TryTakeWord(ref row, out var word); column++)
        {
            if (!Utf8Parser.TryParse(word, out uint value, out var length, 'x') || length < word.Length)
                return false;
            line = column switch
            {
                DropColumn => line with { Drops = value },
                SqueezeColumn => line with { TimesSqueezed = value },
                CpuColumn when value <= int.MaxValue => line with { Cpu = (int)value },
                _ => line,
            };
        }

        return column > SqueezeColumn;
    }
}
