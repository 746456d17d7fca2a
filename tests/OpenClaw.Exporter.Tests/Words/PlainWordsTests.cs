using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Tests;

/// <summary>Plain words in every text that people see.</summary>
public partial class PlainWordsTests(ITestOutputHelper output)
{
    [Fact]
    public void Documents_are_in_plain_words() => AssertPlain(Documents());

    [Fact]
    public void Texts_in_code_are_in_plain_words() => AssertPlain(CodeText.Read());

    [Fact]
    public void Docstrings_are_in_plain_words() => AssertPlain(DocText.Read());

    [Fact]
    public void Comments_are_in_plain_words() => AssertPlain(DocText.ReadComments());

    /// <summary>The name of a test states who does what; a riddle has to be opened to be understood.</summary>
    [Fact]
    public void Names_of_tests_have_a_subject() =>
        Assert.Empty(
            from file in Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories)
            from Match name in NameWithoutSubject().Matches(File.ReadAllText(file))
            select $"{Path.GetFileName(file)}: {name.Groups["name"].Value}"
        );

    [Fact]
    public void Alerts_are_in_plain_words() =>
        AssertPlain(
            RuleAnnotations
                .Read()
                .Concat(
                    KnownAlerts.All.Select(static alert => new Passage(
                        "alert headlines",
                        alert.Name,
                        PassageUse.Label,
                        alert.Headline
                    ))
                )
        );

    [Fact]
    public void Dashboards_are_in_plain_words() =>
        AssertPlain(Dashboard.All.SelectMany(static dashboard => Texts(dashboard.Key, dashboard.Value)));

    [Theory]
    [InlineData(PassageUse.Title, "openclaw_network_up")]
    [InlineData(PassageUse.Title, "Held back")]
    [InlineData(PassageUse.Title, "What a program is given")]
    [InlineData(PassageUse.Title, "A program is refused")]
    [InlineData(
        PassageUse.Label,
        "One two three four five six seven eight nine ten eleven twelve thirteen fourteen a b"
    )]
    [InlineData(PassageUse.Prose, "Mind: it restarts the service")]
    [InlineData(PassageUse.Prose, "It works. Of these, two fail.")]
    [InlineData(PassageUse.Prose, "Sockets, of which the kernel resets those above half.")]
    [InlineData(PassageUse.Docstring, "Whether it runs.")]
    [InlineData(PassageUse.Docstring, "The limit. One that is 0 means none.")]
    public void Riddles_are_found(PassageUse use, string text) =>
        Assert.NotEmpty(PlainWords.FaultsOf(new("test", "here", use, text)));

    [Theory]
    [InlineData(PassageUse.Title, "Can this host still open sockets?")]
    [InlineData(PassageUse.Prose, "The kernel resets orphans above half the limit. See `a b c d` for the limit.")]
    public void Plain_sentences_pass(PassageUse use, string text) =>
        Assert.Empty(PlainWords.FaultsOf(new("test", "here", use, text)));

    [Fact]
    public void Docstrings_are_read_element_by_element_with_their_lines()
    {
        const string source = """
            class Queue
            {
                /// <summary>
                /// Reads <see cref="Queue"/> of
                /// <c>/proc</c>.
                /// </summary>
                /// <param name="a">The first.</param>
                void Read(int a) { }
            }
            """;

        Assert.Equal(
            [("src/X/Queue.cs(3)", "Reads `code` of `code`."), ("src/X/Queue.cs(3)", "The first.")],
            DocText.Read("src/X/Queue.cs", source).Select(static passage => (passage.Place, passage.Text.Trim()))
        );
    }

    static IEnumerable<Passage> Documents() =>
        ((string[])["README.md", "CHANGELOG.md", "alerts/README.md", "dashboards/README.md", "src/README.md"])
            .Concat(Below("deploy"))
            .Concat(Below(".github"))
            .Concat(Below("alerts/runbooks"))
            .Concat(Below("src/OpenClaw.Exporter"))
            .SelectMany(static path => MarkdownText.Read(KindOf(path), path));

    static IEnumerable<string> Below(string folder) =>
        Directory
            .EnumerateFiles(Repository.PathOf(folder), "*.md", SearchOption.AllDirectories)
            .Select(static file => Path.GetRelativePath(Repository.Root, file))
            .Order(StringComparer.Ordinal);

    static string KindOf(string path) =>
        path.StartsWith("alerts/runbooks", StringComparison.Ordinal) ? "runbooks" : path;

    static IEnumerable<Passage> Texts(string uid, Dashboard dashboard)
    {
        foreach (var part in dashboard.PanelsAndRows.Prepend(dashboard.Json))
        {
            var title = part.TryGetProperty("title", out var name) ? name.GetString()! : "";
            if (title.Length > 0)
                yield return new("dashboards", uid, PassageUse.Title, title);
            if (part.TryGetProperty("description", out var description))
                yield return new("dashboards", $"{uid}, {title}", PassageUse.Prose, description.GetString()!);
            if (part.TryGetProperty("fieldConfig", out var fields))
            {
                var reason = fields.GetProperty("defaults").GetProperty("noValue").GetString()!;
                yield return new("dashboards", $"{uid}, {title}", PassageUse.Prose, reason);
            }

            foreach (var text in Names(part))
                yield return new("dashboards", $"{uid}, {title}", PassageUse.Title, text);
        }
    }

    /// <summary>The heads of columns and the names of series.</summary>
    static IEnumerable<string> Names(JsonElement panel) =>
        !panel.TryGetProperty("fieldConfig", out var fields)
            ? []
            : fields
                .GetProperty("overrides")
                .EnumerateArray()
                .SelectMany(static change => change.GetProperty("properties").EnumerateArray())
                .Where(static property => property.GetProperty("id").GetString() == "displayName")
                .Select(static property => property.GetProperty("value").GetString()!);

    void AssertPlain(IEnumerable<Passage> passages)
    {
        var faults = passages
            .SelectMany(static passage =>
                PlainWords.FaultsOf(passage).Select(fault => (passage.Kind, Line: $"{passage.Place}: {fault}"))
            )
            .ToList();
        foreach (var (kind, count) in faults.CountBy(static fault => fault.Kind))
            output.WriteLine($"{kind}: {count}");
        Assert.True(
            faults.Count == 0,
            $"{faults.Count}:\n{string.Join('\n', faults.Select(static fault => fault.Line))}"
        );
    }

    [GeneratedRegex(
        @"\b(Task|void) (?<name>(What|Whatever|Who|Whoever|Whose|Of|How|However|One_that|One_whose|That|Those|Such"
            + @"|Neither|Whether)_\w*)"
    )]
    private static partial Regex NameWithoutSubject();
}
