using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OpenClaw.Exporter.Configuration;

/// <summary>
/// The events of a YAML text, checked before nodes are built from them. Nodes are built, hashed and compared
/// recursively: depth or a node that contains itself would overflow the stack, which no process survives. Aliases as
/// parts of a key would be hashed in exponential time.
/// </summary>
/// <param name="text">The text.</param>
sealed class BoundedEvents(string text) : IParser
{
    readonly Scanner _scanner = new(new StringReader(text));
    readonly Stack<Collection> _open = [];
    Parser? _parser;
    int _keys;
    int _nodes;
    int _aliases;

    /// <inheritdoc/>
    public ParsingEvent? Current => _parser?.Current;

    /// <inheritdoc/>
    /// <exception cref="YamlException">The text is not YAML, or exceeds a limit.</exception>
    public bool MoveNext()
    {
        try
        {
            if (!(_parser ??= new(_scanner)).MoveNext())
                return false;
        }
#pragma warning disable CA1031 // Of some bad input the scanner throws InvalidOperationException, which names no line.
        catch (Exception error)
#pragma warning restore CA1031
        {
            throw new YamlException(_scanner.CurrentPosition, _scanner.CurrentPosition, $"not YAML: {error.Message}");
        }

        if (Fault(_parser.Current!) is { } fault)
            throw new YamlException(_parser.Current!.Start, _parser.Current.End, fault);
        return true;
    }

    /// <summary>Returns the reason against an event; null where there is none.</summary>
    string? Fault(ParsingEvent parsed)
    {
        switch (parsed)
        {
            case SequenceEnd or MappingEnd:
                _open.Pop();
                return null;
            case not (NodeEvent or AnchorAlias):
                return null;
        }

        if (++_nodes > ExporterBounds.YamlNodes)
            return $"more than {ExporterBounds.YamlNodes} values";
        if (_open.TryPeek(out var around) && around.IsMapping)
        {
            around.ExpectsKey = !around.ExpectsKey;
            if (!around.ExpectsKey && parsed is not Scalar)
                return "expected a text as key, found a list, a mapping or an alias";
            if (!around.ExpectsKey && ++_keys > ExporterBounds.YamlKeys)
                return $"more than {ExporterBounds.YamlKeys} keys";
        }

        switch (parsed)
        {
            case AnchorAlias alias when _open.Any(collection => collection.Anchor == alias.Value):
                return $"the alias *{alias.Value} is inside of the value that it stands for";
            case AnchorAlias when ++_aliases > ExporterBounds.YamlAliases:
                return $"more than {ExporterBounds.YamlAliases} aliases";
            case MappingStart or SequenceStart:
                _open.Push(new(parsed is MappingStart, ((NodeEvent)parsed).Anchor));
                return _open.Count > ExporterBounds.YamlDepth ? $"nested deeper than {ExporterBounds.YamlDepth}" : null;
            default:
                return null;
        }
    }

    /// <summary>A list or mapping whose end has not come yet.</summary>
    sealed class Collection(bool isMapping, AnchorName anchor)
    {
        public bool IsMapping { get; } = isMapping;

        public AnchorName Anchor => anchor;

        /// <summary>True where the next node of a mapping is a key.</summary>
        public bool ExpectsKey { get; set; } = isMapping;
    }
}
