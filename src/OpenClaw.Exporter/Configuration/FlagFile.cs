using System.Collections.Immutable;
using YamlDotNet.RepresentationModel;

namespace OpenClaw.Exporter.Configuration;

/// <summary>The value of a flag in the file.</summary>
/// <param name="Texts">The text, or the texts of a list.</param>
/// <param name="IsList">True for a list.</param>
/// <param name="Origin">The file and the line, for messages.</param>
sealed record FlagText(ImmutableArray<string> Texts, bool IsList, string Origin)
{
    /// <summary>The keys and values below the flag, where it takes them; else null.</summary>
    public Settings? Section { get; init; }
}

/// <summary>
/// The file of --config.file. It has every flag by its name without leading dashes. The name is whole
/// (web.listen-address: ...) or split at its dots (web: with listen-address: ... below).
/// </summary>
sealed class FlagFile
{
    /// <summary>The name of the flag that takes keys and values.</summary>
    public const string Pools = "pools";

    readonly Dictionary<string, FlagText> _texts = [];

    /// <summary>A file without flags.</summary>
    public static FlagFile Empty { get; } = new();

    /// <summary>Parses a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="text">The text of the file.</param>
    /// <param name="flags">The names of the flags that it may set, without leading dashes.</param>
    /// <exception cref="SettingException">The file is invalid.</exception>
    public static FlagFile Parse(string path, string text, IReadOnlyList<string> flags)
    {
        var file = new FlagFile();
        file.Add(Settings.Parse(path, text), "", flags);
        return file;
    }

    /// <summary>Returns the value of a flag; null where the file does not set it.</summary>
    /// <param name="flag">The name, with its dashes.</param>
    public FlagText? Find(string flag) => _texts.GetValueOrDefault(flag.TrimStart('-'));

    void Add(Settings settings, string prefix, IReadOnlyList<string> flags)
    {
        foreach (var (key, name, value) in settings.Entries)
        {
            var flag = prefix + key;
            if (value is YamlMappingNode && flags.Any(known => known.StartsWith(flag + '.', StringComparison.Ordinal)))
            {
                Add(settings.Below(value), flag + '.', flags);
                continue;
            }

            if (!flags.Contains(flag))
                throw settings.Unknown(name, flag, flags);
            var origin = FormattableString.Invariant($"{settings.File}: line {value.Start.Line}: {flag}");
            if (flag == Pools && value is YamlMappingNode)
            {
                _texts[flag] = new([], false, origin) { Section = settings.Below(value) };
                continue;
            }

            var texts = value is YamlSequenceNode sequence
                ? new FlagText([.. sequence.Children.Select(settings.TextOf)], true, origin)
                : new FlagText([settings.TextOf(value)], false, origin);
            if (!_texts.TryAdd(flag, texts))
                throw new SettingException(settings.File, name.Start.Line, $"duplicate key '{flag}'");
        }
    }
}
