using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenClaw.Exporter.Configuration;

/// <summary>Parses text from any author into nodes. Every fault is one exception with its line.</summary>
static class YamlText
{
    /// <summary>The limit on the size of a file.</summary>
    public const int BytesAtMost = 1 << 20;

    /// <summary>The limit on nesting. Nodes are built recursively, so deep brackets would overflow the stack.</summary>
    const int DepthAtMost = 64;

    /// <summary>Returns the root of the first document; null for an empty text.</summary>
    /// <exception cref="YamlException">The text is not YAML, has a duplicate key, or nests too deep.</exception>
    public static YamlNode? Parse(string text)
    {
        var scanner = new Scanner(new StringReader(text));
        try
        {
            CheckDepth(new Parser(scanner));
        }
#pragma warning disable CA1031 // Of some bad input the scanner throws InvalidOperationException, which names no line.
        catch (Exception error)
#pragma warning restore CA1031
        {
            throw new YamlException(scanner.CurrentPosition, scanner.CurrentPosition, $"not YAML: {error.Message}");
        }

        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
    }

    static void CheckDepth(Parser parser)
    {
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > DepthAtMost)
                throw new YamlException(parser.Current.Start, parser.Current.End, $"nested deeper than {DepthAtMost}");
        }
    }
}
