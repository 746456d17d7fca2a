using System.Collections.Immutable;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenClaw.Exporter.Configuration;

/// <summary>
/// A mapping of a settings file, read strictly: whoever has asked for every key it knows calls
/// <see cref="RefuseOthers"/>, and a key that nobody asked for is an error. A key without a value is as good as absent.
/// </summary>
sealed class Settings
{
    readonly YamlMappingNode? _mapping;
    readonly List<(string Key, YamlNode Name, YamlNode Value)> _entries = [];
    readonly List<string> _asked = [];

    Settings(string file, YamlMappingNode? mapping)
    {
        (File, _mapping) = (file, mapping);
        if (mapping is null)
            return;
        foreach (var (name, value) in mapping.Children)
        {
            // By their text, not as nodes: of those, one with a tag is another key than one without.
            var key = name is YamlScalarNode { Value: { } text } ? text : throw Expected(name, "a key");
            if (_entries.Exists(entry => entry.Key == key))
                throw new SettingException(file, name.Start.Line, $"key '{key}' stands here twice");
            _entries.Add((key, name, value));
        }
    }

    /// <summary>The file, as messages name it.</summary>
    public string File { get; }

    /// <summary>Its keys and their values, as they stand in the file.</summary>
    public IReadOnlyList<(string Key, YamlNode Name, YamlNode Value)> Entries => _entries;

    /// <summary>Parses a file that was read.</summary>
    /// <exception cref="SettingException">It is not YAML, or no keys and values.</exception>
    public static Settings Parse(string file, string text)
    {
        try
        {
            return new(file, Mapping(file, YamlText.Parse(text)));
        }
        catch (YamlException error)
        {
            throw new SettingException(file, error.Start.Line, error.Message);
        }
    }

    /// <summary>The mapping below a key; null without the key.</summary>
    public Settings? Section(string key) => Child(key) is { } node ? Below(node) : null;

    /// <summary>The mapping that is this value.</summary>
    public Settings Below(YamlNode node) => new(File, Mapping(File, node));

    /// <summary>A text; null without the key.</summary>
    public string? Text(string key) => Child(key) is { } node ? TextOf(node) : null;

    /// <summary>A list of texts; empty without the key.</summary>
    public ImmutableArray<string> Texts(string key) => [.. Items(key).Select(TextOf)];

    /// <summary>The nodes of a list; none without the key.</summary>
    public IEnumerable<YamlNode> Items(string key) =>
        Child(key) switch
        {
            null => [],
            YamlSequenceNode sequence => sequence.Children,
            var node => throw Expected(node, $"a list for {key}"),
        };

    /// <summary>Whatever a function makes of a text; the standard value without the key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="standard">What holds without it.</param>
    /// <param name="parse">Whether a text is valid, and what it means.</param>
    /// <param name="expected">What is valid, for the message.</param>
    public T Value<T>(string key, T standard, Func<string, (bool Valid, T Value)> parse, string expected)
    {
        if (Child(key) is not { } node)
            return standard;
        var (valid, value) = parse(TextOf(node));
        return valid ? value : throw Expected(node, $"{expected} for {key}");
    }

    /// <summary>true or false; the standard value without the key.</summary>
    public bool Truth(string key, bool standard) =>
        Value(key, standard, static text => (bool.TryParse(text, out var value), value), "true or false");

    /// <summary>A whole number from 0 up; the standard value without the key.</summary>
    public int Count(string key, int standard) =>
        Value(
            key,
            standard,
            static text => (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value), value),
            "a whole number"
        );

    /// <summary>What to say of a key, at its line; at that of the mapping without it.</summary>
    public SettingException Wrong(string key, string reason, SettingFault fault = SettingFault.Malformed) =>
        new(File, _entries.Find(entry => entry.Key == key).Name?.Start.Line ?? _mapping?.Start.Line ?? 1, reason)
        {
            Fault = fault,
        };

    /// <summary>What to say of a node that is something else.</summary>
    public SettingException Expected(YamlNode node, string expected) => Expected(File, node, expected);

    /// <summary>Fails for a key that nobody asked for, with the one that was probably meant.</summary>
    public void RefuseOthers()
    {
        foreach (var (key, name, _) in Entries)
        {
            if (!_asked.Contains(key))
                throw Unknown(name, key, _asked);
        }
    }

    /// <summary>What to say of a key that does not exist.</summary>
    public SettingException Unknown(YamlNode name, string key, IEnumerable<string> known) =>
        new(File, name.Start.Line, $"unknown key '{key}'{Spelling.DidYouMean(key, known)}");

    /// <summary>The text of a scalar.</summary>
    public string TextOf(YamlNode node) =>
        node is YamlScalarNode { Value: { } text } ? text : throw Expected(node, "a text");

    static SettingException Expected(string file, YamlNode node, string expected) =>
        new(file, node.Start.Line, $"expected {expected}, found {Found(node)}");

    static string Found(YamlNode node) =>
        node switch
        {
            YamlScalarNode { Value: { Length: > 0 } text } => $"'{text}'",
            YamlSequenceNode => "a list",
            YamlMappingNode => "keys and values",
            _ => "nothing",
        };

    static YamlMappingNode? Mapping(string file, YamlNode? node) =>
        node switch
        {
            YamlMappingNode mapping => mapping,
            null => null,
            YamlScalarNode scalar when IsNothing(scalar) => null,
            _ => throw Expected(file, node, "keys and values"),
        };

    static bool IsNothing(YamlScalarNode scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null";

    YamlNode? Child(string key)
    {
        if (!_asked.Contains(key))
            _asked.Add(key);
        var node = _entries.Find(entry => entry.Key == key).Value;
        return node is YamlScalarNode scalar && IsNothing(scalar) ? null : node;
    }
}
