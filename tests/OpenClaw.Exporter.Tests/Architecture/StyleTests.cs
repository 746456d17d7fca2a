using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>The style rules that no analyzer checks, over the C# sources of src and tests.</summary>
public class StyleTests(ITestOutputHelper output)
{
    const int Columns = 120;

    /// <summary>Words that begin a riddle. A docstring begins with a verb or with the name of the thing.</summary>
    static readonly ImmutableHashSet<string> Riddles = ["What", "How", "Whether", "One", "Of", "Who", "Whose", "That"];

    /// <summary>Words that put a condition before the thing. Tests, which tell of cases, may begin with them.</summary>
    static readonly ImmutableHashSet<string> Conditions = ["When", "Where", "By", "With", "For"];

    /// <summary>The folders whose tests run beside each other in one process, and look at sockets or files.</summary>
    static readonly ImmutableArray<string> InOneProcess =
    [
        "tests/OpenClaw.KernelTests/",
        "tests/OpenClaw.Exporter.Tests/",
    ];

    static readonly ImmutableArray<SyntaxTree> Sources =
    [
        .. ((string[])["src", "tests"])
            .SelectMany(static folder =>
                Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
            )
            .Order(StringComparer.Ordinal)
            .Select(static file =>
                CSharpSyntaxTree.ParseText(File.ReadAllText(file), path: Path.GetRelativePath(Repository.Root, file))
            ),
    ];

    /// <summary>Text in a raw string literal of several lines is another format's: a script, a page, YAML.</summary>
    [Fact]
    public void Lines_have_at_most_120_columns() =>
        AssertNone(
            from source in Sources
            from line in source.GetText().Lines
            where line.Span.Length > Columns && !IsRawText(source, line)
            select $"{source.FilePath}({line.LineNumber + 1}): {line.Span.Length} columns"
        );

    [Fact]
    public void Conditional_expressions_are_not_nested() =>
        AssertNone(
            Nodes<ConditionalExpressionSyntax>()
                .Where(static expression =>
                    expression
                        .Ancestors()
                        .TakeWhile(static node => node is not (AnonymousFunctionExpressionSyntax or StatementSyntax))
                        .Any(static node => node is ConditionalExpressionSyntax)
                )
                .Select(static expression => $"{PlaceOf(expression)}: {FirstLine(expression)}")
        );

    /// <summary>A child of another start would hold the sockets and files of tests beside it until its exec.</summary>
    [Fact]
    public void Tests_start_processes_one_at_a_time() =>
        AssertNone(
            Nodes<InvocationExpressionSyntax>()
                .Where(static call =>
                    call.Expression.ToString() == "Process.Start"
                    && InOneProcess.Any(tests => call.SyntaxTree.FilePath.StartsWith(tests, StringComparison.Ordinal))
                    && !call.SyntaxTree.FilePath.EndsWith("/ChildProcess.cs", StringComparison.Ordinal)
                )
                .Select(static call => $"{PlaceOf(call)}: {FirstLine(call)}")
        );

    [Fact]
    public void Docstrings_begin_with_a_verb_or_the_thing() =>
        AssertNone(
            Nodes<XmlElementSyntax>()
                .Where(static element => element.StartTag.Name.ToString() is "summary" or "param" or "returns")
                .Select(static element => (Element: element, Word: FirstWord(element)))
                .Where(static summary =>
                    Riddles.Contains(summary.Word)
                    || (
                        Conditions.Contains(summary.Word)
                        && summary.Element.SyntaxTree.FilePath.StartsWith("src", StringComparison.Ordinal)
                    )
                )
                .Select(static summary => $"{PlaceOf(summary.Element)}: {summary.Word}")
        );

    /// <summary>A preposition alone says neither what <c>X.Of(y)</c> returns nor what it does.</summary>
    [Fact]
    public void No_member_is_called_Of() =>
        AssertNone(
            Nodes<SyntaxNode>()
                .Where(static node =>
                    node
                        is MethodDeclarationSyntax { Identifier.Text: "Of" }
                            or LocalFunctionStatementSyntax { Identifier.Text: "Of" }
                            or PropertyDeclarationSyntax { Identifier.Text: "Of" }
                            or VariableDeclaratorSyntax { Identifier.Text: "Of" }
                            or ParameterSyntax { Identifier.Text: "Of" }
                            or EnumMemberDeclarationSyntax { Identifier.Text: "Of" }
                )
                .Select(static member => $"{PlaceOf(member)}: {FirstLine(member)}")
        );

    static IEnumerable<T> Nodes<T>()
        where T : SyntaxNode =>
        Sources.SelectMany(static source => source.GetRoot().DescendantNodes(descendIntoTrivia: true).OfType<T>());

    /// <summary>
    /// True for a line with text of a raw string literal that begins on an earlier line and ends on a later one. A line
    /// that holds only interpolated code is code.
    /// </summary>
    static bool IsRawText(SyntaxTree source, TextLine line) =>
        source
            .GetRoot()
            .DescendantTokens(line.Span)
            .Any(token =>
                RawLiteralOf(token) is { } literal
                && literal.SpanStart < line.Start
                && literal.Span.End > line.End
                && token.Span.Intersection(line.Span) is { } part
                && !string.IsNullOrWhiteSpace(source.GetText().ToString(part))
            );

    /// <summary>The raw string literal of several lines that a token is text of; null for any other token.</summary>
    static SyntaxNode? RawLiteralOf(SyntaxToken token) =>
        token.Kind() switch
        {
            SyntaxKind.MultiLineRawStringLiteralToken or SyntaxKind.Utf8MultiLineRawStringLiteralToken => token.Parent,
            SyntaxKind.InterpolatedStringTextToken
                when token.Parent?.Parent is InterpolatedStringExpressionSyntax literal
                    && literal.StringStartToken.IsKind(SyntaxKind.InterpolatedMultiLineRawStringStartToken) => literal,
            _ => null,
        };

    static string PlaceOf(SyntaxNode node) =>
        $"{node.SyntaxTree.FilePath}({node.GetLocation().GetLineSpan().StartLinePosition.Line + 1})";

    static string FirstLine(SyntaxNode node) => node.ToString().Split('\n')[0];

    static string FirstWord(XmlElementSyntax element) =>
        string.Concat(element.Content.Select(static content => content.ToString()))
            .Split((char[])[' ', '\r', '\n', '/', '\'', ','], StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault("");

    void AssertNone(IEnumerable<string> violations)
    {
        var all = violations.ToList();
        foreach (var group in all.CountBy(static violation => string.Join('/', violation.Split('/', '(').Take(2))))
            output.WriteLine($"{group.Key}: {group.Value}");
        Assert.True(all.Count == 0, $"{all.Count}:\n{string.Join('\n', all)}");
    }
}
