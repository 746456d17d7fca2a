using System.Buffers.Text;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Text;

/// <summary>
/// A table below /proc/net/stat: a line of column names, then a line of hexadecimal numbers for each CPU. The position
/// and meaning of columns changed between kernels; their names did not. A CPU that goes offline keeps its line: the
/// kernel walks all possible CPUs (neigh_stat_seq_start in net/core/neighbour.c, ct_cpu_seq_start in
/// net/netfilter/nf_conntrack_standalone.c).
/// </summary>
sealed class PerCpuTable
{
    /// <summary>Marks a value above 2^63-1, which no column can have.</summary>
    const long Unfit = -1;

    readonly byte[] _names;
    readonly long[] _first;
    readonly long[] _sums;

    PerCpuTable(ReadOnlySpan<byte> names, int columns)
    {
        _names = names.ToArray();
        (_first, _sums) = (new long[columns], new long[columns]);
    }

    /// <summary>Parses the table.</summary>
    public static Reading<PerCpuTable> Parse(ReadOnlySpan<byte> text)
    {
        PerCpuTable? table = null;
        var line = 0;
        foreach (var range in text.Trim((byte)'\n').Split((byte)'\n'))
        {
            line++;
            var row = text[range];
            if (table is null)
                table = new(row, KernelText.CountWords(row));
            else if (!table.TryAdd(row, isFirst: line == 2))
                return KernelText.Malformed(line, $"{table._sums.Length} hexadecimal numbers", row);
        }

        if (table is not { _sums.Length: > 0 })
            return KernelText.Malformed(1, "a line of column names", text);
        return line < 2 ? KernelText.Malformed(2, "a line for each CPU", text) : table;
    }

    /// <summary>
    /// Returns a counter, summed over the CPUs. It is <see cref="Absence.NotPresent"/> where this kernel has no such
    /// column, and <see cref="Absence.Malformed"/> where the sum is above 2^63-1.
    /// </summary>
    public Reading<long> Sum(params ReadOnlySpan<string> names) => Column(names, _sums);

    /// <summary>Returns a value that every CPU's line repeats, taken once.</summary>
    public Reading<long> Once(string name) => Column([name], _first);

    Reading<long> Column(ReadOnlySpan<string> names, long[] values)
    {
        foreach (var name in names)
        {
            if (KernelText.PlaceOf(_names, name) is >= 0 and var column)
            {
                return values[column] == Unfit
                    ? new Missing(Absence.Malformed, $"column {name}: expected a number below 2^63")
                    : values[column];
            }
        }

        return new Missing(Absence.NotPresent, $"this kernel has no column {names[0]}");
    }

    bool TryAdd(ReadOnlySpan<byte> row, bool isFirst)
    {
        var column = 0;
        for (; KernelText.TryTakeWord(ref row, out var word); column++)
        {
            if (column == _sums.Length || !IsHexadecimal(word))
                return false;
            var value =
                Utf8Parser.TryParse(word, out ulong number, out _, 'x') && number <= long.MaxValue
                    ? (long)number
                    : Unfit;
            _sums[column] = Add(_sums[column], value);
            if (isFirst)
                _first[column] = value;
        }

        return column == _sums.Length;
    }

    static long Add(long sum, long value)
    {
        if (sum == Unfit || value == Unfit || value > long.MaxValue - sum)
            return Unfit;
        return sum + value;
    }

    static bool IsHexadecimal(ReadOnlySpan<byte> word)
    {
        foreach (var digit in word)
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return false;
        }

        return true;
    }
}
