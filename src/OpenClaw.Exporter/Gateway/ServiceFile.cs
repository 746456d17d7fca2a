using System.Globalization;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// A configuration file of an OpenClaw service. Only keys that are limits are read. Errors name file and line.
/// </summary>
static partial class ServiceFile
{
    const string MaxConnections = "max_connections";

    /// <summary>Returns the limits in a file, which is parsed again only after it changed.</summary>
    public static ParsedFile<ServiceLimits> At(string path) =>
        new(path, bytes =>
            Parse(path, RegularFile.Decode(bytes))
                .Select(limits =>
                    limits with
                    {
                        MaxConnectionsText = limits.MaxConnectionsText is { } text
                            ? text with
                            {
                                File = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path,
                            }
                            : null,
                    }
                )
        );

    /// <summary>Parses the text of a file. Errors name the line.</summary>
    /// <param name="path">The path, from which a service without a name has its name.</param>
    /// <param name="text">The text.</param>
    public static Reading<ServiceLimits> Parse(string path, string text)
    {
        try
        {
            var root = Mapping(YamlText.Parse(text));
            var network = root is null ? null : Mapping(Child(root, "network"));
            return new ServiceLimits(
                Scalar(root, "name") ?? Path.GetFileNameWithoutExtension(path),
                Limit(network, MaxConnections),
                Limit(root, "max-open-files")
            )
            {
                MaxConnectionsText = TextOf(network, MaxConnections, path, text),
            };
        }
        catch (YamlException error)
        {
            return new Missing(Absence.Malformed, $"line {error.Start.Line}: {error.Message}");
        }
    }

    static YamlNode? Child(YamlMappingNode? mapping, string key) =>
        mapping is not null && mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    /// <summary>Returns a mapping; null for a missing one, or for a key without a value.</summary>
    static YamlMappingNode? Mapping(YamlNode? node) =>
        node switch
        {
            YamlMappingNode mapping => mapping,
            null or YamlScalarNode { Value: null or "" or "~" or "null" } => null,
            _ => throw Expected(node, "keys and values"),
        };

    static string? Scalar(YamlMappingNode? mapping, string key) =>
        Child(mapping, key) switch
        {
            null or YamlScalarNode { Value: null or "" } => null,
            YamlScalarNode scalar => scalar.Value,
            var node => throw Expected(node, $"a text for {key}"),
        };

    static long? Limit(YamlMappingNode? mapping, string key)
    {
        if (Scalar(mapping, key) is not { } text)
            return null;
        if (
            !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit)
            || limit < -1
        )
        {
            throw Expected(Child(mapping, key)!, $"a whole number for {key}");
        }

        return limit > 0 ? limit : null;
    }

    /// <summary>
    /// Returns the text of a key and its number in the file. Null for a number that an anchor shares, a quoted one, and
    /// one in another form.
    /// </summary>
    static SettingText? TextOf(YamlMappingNode? mapping, string key, string path, string text)
    {
        var name = mapping?.Children.Keys.OfType<YamlScalarNode>().FirstOrDefault(node => node.Value == key);
        if (
            name is null
            || mapping!.Children[name] is not YamlScalarNode value
            || !mapping.Anchor.IsEmpty
            || !name.Anchor.IsEmpty
            || !value.Anchor.IsEmpty
            || name.Start.Line != value.End.Line
        )
        {
            return null;
        }

        // Lines as sed counts them. YAML has other line ends besides the line feed.
        var (start, end) = ((int)name.Start.Column - 1, (int)value.End.Column - 1);
        return
            text.Split('\n').ElementAtOrDefault((int)name.Start.Line - 1) is { } line
            && end <= line.Length
            && line[start..end] is var setting
            && PlainSetting().IsMatch(setting)
            && line.IndexOf(setting, StringComparison.Ordinal) == start
            ? new(path, name.Start.Line, setting)
            : null;
    }

    [GeneratedRegex("^[a-z_]+: +[1-9][0-9]*$")]
    private static partial Regex PlainSetting();

    static YamlException Expected(YamlNode node, string expected) =>
        new(
            node.Start,
            node.End,
            $"expected {expected}, found '{(node as YamlScalarNode)?.Value ?? node.NodeType.ToString()}'"
        );
}
