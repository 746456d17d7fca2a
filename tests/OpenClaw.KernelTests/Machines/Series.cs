using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenClaw.KernelTests;

/// <summary>A series of a metrics page.</summary>
/// <param name="Key">The name and labels, as on the page.</param>
/// <param name="Name">The name.</param>
/// <param name="Labels">The label values by name, without quotes. Escapes are left as they are.</param>
/// <param name="Value">The value.</param>
sealed partial record Series(string Key, string Name, Dictionary<string, string> Labels, double Value)
{
    /// <summary>Parses a page in the text format.</summary>
    public static IEnumerable<Series> Parse(string page) =>
        from line in page.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        where line[0] != '#'
        let end = line.LastIndexOf(' ')
        let key = line[..end]
        select new Series(
            key,
            key.Split('{')[0],
            Label()
                .Matches(key)
                .ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value),
            double.Parse(line[end..], CultureInfo.InvariantCulture)
        );

    [GeneratedRegex("""([a-z_]+)="((?:[^"\\]|\\.)*)"[,}]""")]
    private static partial Regex Label();
}
