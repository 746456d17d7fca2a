using System.Text.RegularExpressions;

namespace OpenClaw.Exporter.Tests;

/// <summary>The sentences and headings of a Markdown file, without its blocks of code.</summary>
static partial class MarkdownText
{
    /// <summary>Returns the passages of a file.</summary>
    /// <param name="kind">The kind of file.</param>
    /// <param name="path">The path below the top folder.</param>
    public static IEnumerable<Passage> Read(string kind, string path)
    {
        var isCode = false;
        var isTable = false;
        foreach (var (index, line) in File.ReadLines(Repository.PathOf(path)).Index())
        {
            var text = line.Trim();
            if (text.StartsWith("```", StringComparison.Ordinal))
                isCode = !isCode;
            var isRow = text.StartsWith('|');
            if (!isCode && text.Length > 0 && text is not ['`', '`', ..] and not ['<', ..])
            {
                foreach (var (use, passage) in isRow ? Cells(text, isHead: !isTable) : [Block(text)])
                    yield return new(kind, $"{path}({index + 1})", use, Plain(passage));
            }

            isTable = isRow;
        }
    }

    static (PassageUse Use, string Text) Block(string line) =>
        line.StartsWith('#')
            ? (PassageUse.Title, line.TrimStart('#', ' '))
            : (PassageUse.Prose, ListMark().Replace(line, ""));

    static IEnumerable<(PassageUse Use, string Text)> Cells(string row, bool isHead) =>
        Bar()
            .Split(row.Trim('|'))
            .Select(static cell => cell.Trim())
            .Where(static cell => cell.Trim('-', ':').Length > 0)
            .Select(cell => (isHead ? PassageUse.Title : PassageUse.Prose, cell));

    static string Plain(string text) =>
        Link()
            .Replace(text, "$1")
            .Replace("**", "", StringComparison.Ordinal)
            .Replace("*", "", StringComparison.Ordinal);

    [GeneratedRegex(@"^([-*]|\d+\.)\s+")]
    private static partial Regex ListMark();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bar();

    [GeneratedRegex(@"!?\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();
}
