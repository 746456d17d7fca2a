using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// The docstrings of src and tests, and the comments of src. Each element is a passage, and a reference or a piece of
/// code in it is a word.
/// </summary>
static partial class DocText
{
    static readonly string[] Paragraphs = ["para", "item", "description", "example", "code"];

    /// <summary>Returns the passages of the docstrings.</summary>
    public static IEnumerable<Passage> Read() =>
        ((string[])["src", "tests"])
            .SelectMany(static folder =>
                Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
            )
            .Order(StringComparer.Ordinal)
            .SelectMany(static file => Read(Path.GetRelativePath(Repository.Root, file), File.ReadAllText(file)));

    /// <summary>Returns the passages of a source.</summary>
    /// <param name="path">The path below the top folder.</param>
    /// <param name="source">The text of the file.</param>
    internal static IEnumerable<Passage> Read(string path, string source)
    {
        foreach (Match block in Block().Matches(source))
        {
            var line = source.AsSpan(0, block.Index).Count('\n') + 1;
            var element = XElement.Parse(
                $"<doc>{Mark().Replace(block.Value, "")}</doc>",
                LoadOptions.PreserveWhitespace
            );
            foreach (var part in element.Elements())
            {
                yield return new(
                    $"docstrings of {path.Split('/')[1]}",
                    $"{path}({line})",
                    PassageUse.Docstring,
                    Text(part)
                );
            }
        }
    }

    /// <summary>Returns the comments inside the code of src. Lines that follow each other are a passage.</summary>
    public static IEnumerable<Passage> ReadComments() =>
        from file in Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories).Order()
        let path = Path.GetRelativePath(Repository.Root, file)
        let source = File.ReadAllText(file)
        from Match comment in Comment().Matches(source)
        let line = source.AsSpan(0, comment.Index).Count('\n') + 1
        select new Passage(
            $"comments of {path.Split('/')[1]}",
            $"{path}({line})",
            PassageUse.Docstring,
            Spaces().Replace(CommentMark().Replace(comment.Value, " "), " ").Trim()
        );

    static string Text(XElement element) =>
        string.Concat(
            element
                .Nodes()
                .Select(static node =>
                    node switch
                    {
                        XText text => Spaces().Replace(text.Value, " "),
                        XElement part when Paragraphs.Contains(part.Name.LocalName) => $"\n\n{Text(part)}\n\n",
                        XElement part when part.Name.LocalName == "list" => Text(part),
                        _ => "`code`",
                    }
                )
        );

    [GeneratedRegex(@"^[ \t]*///.*\n([ \t]*///.*\n)*", RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^[ \t]*/// ?", RegexOptions.Multiline)]
    private static partial Regex Mark();

    [GeneratedRegex(@"^[ \t]*//(?!/).*\n([ \t]*//(?!/).*\n)*", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^[ \t]*//", RegexOptions.Multiline)]
    private static partial Regex CommentMark();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
