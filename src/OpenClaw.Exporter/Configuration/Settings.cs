using System.Collections.Immutable;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenClaw.Exporter.Configuration;

/// <summary>
/// A mapping of a settings file, read strictly. A caller reads every key that it knows and then calls
/// <see cref="RefuseOthers"/>, which rejects all other keys. A key without a value counts as absent.
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
        var keys = new HashSet<string>();
        foreach (var (name, value) in mapping.Children)
        {
            // Keys are compared by their text, not as nodes. A node with a tag would differ from one without.
            var key = name is YamlScalarNode { Value: { } text } ? text : throw Expected(name, "a key");
            if (!keys.Add(key))
                throw new SettingException(file, name.Start.Line, $"duplicate key '{key}'");
            _entries.Add((key, name, value));
        }
    }

    /// <summary>The file, as messages name it.</summary>
    public string File { get; }

    /// <summary>The keys and their values, in the order of the file.</summary>
    public IReadOnlyList<(string Key, YamlNode Name, YamlNode Value)> Entries => _entries;

    /// <summary>Parses the text of a file.</summary>
    /// <exception cref="SettingException">The text is not YAML, or not a mapping.</exception>
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

    /// <summary>Returns the mapping below a key; null without the key.</summary>
    public Settings? Section(string key) => Child(key) is { } node ? Below(node) : null;

    /// <summary>Returns the mapping that is this value.</summary>
    public Settings Below(YamlNode node) => new(File, Mapping(File, node));

    /// <summary>Returns a text; null without the key.</summary>
    public string? Text(string key) => Child(key) is { } node ? TextOf(node) : null;

    /// <summary>Returns a list of texts; empty without the key.</summary>
    public ImmutableArray<string> Texts(string key) => [.. Items(key).Select(TextOf)];

    /// <summary>Returns the nodes of a list; none without the key.</summary>
    public IEnumerable<YamlNode> Items(string key) =>
        Child(key) switch
        {
            null => [],
            YamlSequenceNode sequence => sequence.Children,
            var node => throw Expected(node, $"a list for {key}"),
        };

    /// <summary>Parses the text of a key; the standard value without the key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="standard">The value without the key.</param>
    /// <param name="parse">Parses a text. Returns whether it is valid, and its value.</param>
    /// <param name="expected">The valid values, for the message.</param>
    public T Value<T>(string key, T standard, Func<string, (bool Valid, T Value)> parse, string expected)
    {
        if (Child(key) is not { } node)
            return standard;
        var (valid, value) = parse(TextOf(node));
        return valid ? value : throw Expected(node, $"{expected} for {key}");
    }

    /// <summary>Returns true or false; the standard value without the key.</summary>
    public bool Truth(string key, bool standard) =>
        Value(key, standard, static text => (bool.TryParse(text, out var value), value), "true or false");

    /// <summary>Returns a whole number from 0 up; the standard value without the key.</summary>
    public int Count(string key, int standard) =>
        Value(
            key,
            standard,
            static text => (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value), value),
            "a whole number"
        );

    /// <summary>Creates an error at the line of a key. Without the key, at the line of the mapping.</summary>
    public SettingException Wrong(string key, string reason, SettingFault fault = SettingFault.Malformed) =>
        new(File, _entries.Find(entry => entry.Key == key).Name?.Start.Line ?? _mapping?.Start.Line ?? 1, reason)
        {
            Fault = fault,
        };

    /// <summary>Creates an error for a node of another kind.</summary>
    public SettingException Expected(YamlNode node, string expected) => Expected(File, node, expected);

    /// <summary>Rejects a key that no caller read, and suggests the key that was probably meant.</summary>
    public void RefuseOthers()
    {
        foreach (var (key, name, _) in Entries)
        {
            if (!_asked.Contains(key))
                throw Unknown(name, key, _asked);
        }
    }

    /// <summary>Creates an error for an unknown key.</summary>
    public SettingException Unknown(YamlNode name, string key, IEnumerable<string> known) =>
        new(File, name.Start.Line, $"unknown key '{key}'{Spelling.DidYouMean(key, known)}");

    /// <summary>Returns the text of a scalar.</summary>
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
