using System.Globalization;
using OpenClaw.Kernel;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenClaw.Exporter.Runtime;

/// <summary>A configuration file of an OpenClaw service. Only the keys that are limits are looked at; errors name file and line.</summary>
static class ServiceFile
{
    const int BytesAtMost = 1 << 20;

    /// <summary>The nodes are built recursively, so that a file of brackets would overflow the stack.</summary>
    const int DepthAtMost = 64;

    /// <summary>Reads a file.</summary>
    public static Reading<ServiceLimits> Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > BytesAtMost)
                return new Missing(Absence.Malformed, $"{path}: larger than {BytesAtMost} bytes");
            return Parse(path, File.ReadAllText(path));
        }
        catch (UnauthorizedAccessException error)
        {
            return new Missing(Absence.NotPermitted, error.Message);
        }
        catch (FileNotFoundException error)
        {
            return new Missing(Absence.NotPresent, error.Message);
        }
        catch (IOException error)
        {
            return new Missing(Absence.Failed, $"{path}: {error.Message}");
        }
    }

    /// <summary>Parses its text.</summary>
    public static Reading<ServiceLimits> Parse(string path, string text)
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
            return new Missing(Absence.Malformed, $"{path}: line {scanner.CurrentPosition.Line}: not YAML: {error.Message}");
        }

        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            var root = stream.Documents.Count == 0 ? null : Mapping(stream.Documents[0].RootNode);
            var network = root is null ? null : Mapping(Child(root, "network"));
            return new ServiceLimits(
                Scalar(root, "name") ?? Path.GetFileNameWithoutExtension(path),
                Limit(network, "max_connections"),
                Limit(root, "max-open-files"));
        }
        catch (YamlException error)
        {
            return new Missing(Absence.Malformed, $"{path}: line {error.Start.Line}: {error.Message}");
        }
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

    static YamlNode? Child(YamlMappingNode? mapping, string key) =>
        mapping is not null && mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    /// <summary>A mapping; null for nothing, also written as a key without a value.</summary>
    static YamlMappingNode? Mapping(YamlNode? node) => node switch
    {
        YamlMappingNode mapping => mapping,
        null or YamlScalarNode { Value: null or "" or "~" or "null" } => null,
        _ => throw Expected(node, "keys and values"),
    };

    static string? Scalar(YamlMappingNode? mapping, string key) => Child(mapping, key) switch
    {
        null or YamlScalarNode { Value: null or "" } => null,
        YamlScalarNode scalar => scalar.Value,
        var node => throw Expected(node, $"a text for {key}"),
    };

    static long? Limit(YamlMappingNode? mapping, string key)
    {
        if (Scalar(mapping, key) is not { } text)
            return null;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) || limit < -1)
            throw Expected(Child(mapping, key)!, $"a whole number for {key}");
        return limit > 0 ? limit : null;
    }

    static YamlException Expected(YamlNode node, string expected) =>
        new(node.Start, node.End, $"expected {expected}, found '{(node as YamlScalarNode)?.Value ?? node.NodeType.ToString()}'");
}
