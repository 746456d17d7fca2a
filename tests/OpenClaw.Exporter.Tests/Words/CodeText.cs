using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// The texts in string literals of src: help, messages, remedies, the page. A literal counts as a text when it has
/// four words or more. Raw literals of several lines are another format's and are left out.
/// </summary>
static partial class CodeText
{
    const int LeastWords = 4;

    /// <summary>Returns the passages of the C# sources in src.</summary>
    public static IEnumerable<Passage> Read() =>
        Directory
            .EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .SelectMany(static file => Read(Path.GetRelativePath(Repository.Root, file), File.ReadAllText(file)));

    static IEnumerable<Passage> Read(string path, string source) =>
        from expression in CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes().OfType<ExpressionSyntax>()
        where IsText(expression) && !(expression.Parent is ExpressionSyntax outer && IsText(outer))
        let text = Tag().Replace(Text(expression), " ").Trim()
        where PlainWord().Count(text) >= LeastWords
        let line = expression.GetLocation().GetLineSpan().StartLinePosition.Line + 1
        select new Passage(
            "C# " + path.Split('/')[2].Replace(".cs", "", StringComparison.Ordinal),
            $"{path}({line})",
            UseOf(expression),
            text
        );

    /// <summary>True for a literal, and for a sum that has one.</summary>
    static bool IsText(ExpressionSyntax expression) =>
        expression switch
        {
            LiteralExpressionSyntax literal => literal.Token.IsKind(SyntaxKind.StringLiteralToken),
            InterpolatedStringExpressionSyntax text => !text.StringStartToken.IsKind(
                SyntaxKind.InterpolatedMultiLineRawStringStartToken
            ),
            BinaryExpressionSyntax sum => sum.IsKind(SyntaxKind.AddExpression)
                && (IsText(sum.Left) || IsText(sum.Right)),
            ParenthesizedExpressionSyntax inner => IsText(inner.Expression),
            _ => false,
        };

    /// <summary>Returns the text. Every value in it is one word.</summary>
    static string Text(ExpressionSyntax expression) =>
        expression switch
        {
            LiteralExpressionSyntax literal when literal.Token.IsKind(SyntaxKind.StringLiteralToken) => literal
                .Token
                .ValueText,
            InterpolatedStringExpressionSyntax text => string.Concat(
                text.Contents.Select(static part =>
                    part is InterpolatedStringTextSyntax plain ? plain.TextToken.ValueText : "`value`"
                )
            ),
            BinaryExpressionSyntax sum when sum.IsKind(SyntaxKind.AddExpression) => Text(sum.Left) + Text(sum.Right),
            ParenthesizedExpressionSyntax inner => Text(inner.Expression),
            _ => "`value`",
        };

    static PassageUse UseOf(ExpressionSyntax expression) =>
        expression.FirstAncestorOrSelf<AttributeSyntax>() is { } attribute
        && attribute.Name.ToString() == "LoggerMessage"
            ? PassageUse.Label
            : PassageUse.Prose;

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"(?<=^|[\s(])\p{L}[\p{Ll}']*(?=$|[\s.,:;!?)])")]
    private static partial Regex PlainWord();
}
