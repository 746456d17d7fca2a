using System.Globalization;
using System.Text;

namespace OpenClaw.Kernel.Procfs;

/// <summary>
/// A table below /proc/net/stat: a line of column names, then a line of hexadecimal numbers for each CPU. Columns have
/// changed their place and meaning between kernels, their names have not.
/// </summary>
sealed class PerCpuTable
{
    readonly string[] _names;
    readonly List<ulong[]> _rows;

    PerCpuTable(string[] names, List<ulong[]> rows) => (_names, _rows) = (names, rows);

    /// <summary>Parses the table.</summary>
    public static Reading<PerCpuTable> Parse(ReadOnlySpan<byte> text)
    {
        var lines = Encoding.ASCII.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
            return KernelText.Malformed(1, "a line of column names", text);
        var names = Words(lines[0]);
        var rows = new List<ulong[]>();
        for (var i = 1; i < lines.Length; i++)
        {
            var words = Words(lines[i]);
            var row = new ulong[names.Length];
            if (words.Length != names.Length
                || !words.Index().All(word => ulong.TryParse(word.Item, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out row[word.Index])))
            {
                return KernelText.Malformed(i + 1, $"{names.Length} hexadecimal numbers", Encoding.ASCII.GetBytes(lines[i]));
            }

            rows.Add(row);
        }

        return rows.Count > 0 ? new PerCpuTable(names, rows) : KernelText.Malformed(2, "a line for each CPU", text);
    }

    /// <summary>A counter, summed over the CPUs; not present where this kernel has no such column.</summary>
    public Reading<long> Sum(params ReadOnlySpan<string> names) => Column(names, rows => rows.Sum(static value => (long)value));

    /// <summary>A value that every CPU's line repeats, taken once.</summary>
    public Reading<long> Once(string name) => Column([name], static values => (long)values.First());

    Reading<long> Column(ReadOnlySpan<string> names, Func<IEnumerable<ulong>, long> select)
    {
        foreach (var name in names)
        {
            if (Array.IndexOf(_names, name) is >= 0 and var column)
                return select(_rows.Select(row => row[column]));
        }

        return new Missing(Absence.NotPresent, $"this kernel has no column {names[0]}");
    }

    static string[] Words(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
