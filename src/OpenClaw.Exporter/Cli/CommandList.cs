using System.Collections.Immutable;
using System.CommandLine;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Cli;

/// <summary>A flag of a command.</summary>
/// <param name="Names">Its names: the long one first.</param>
/// <param name="Value">The value in words; null for a flag without one.</param>
/// <param name="Description">The purpose.</param>
sealed partial record ListedFlag(ImmutableArray<string> Names, string? Value, string Description)
{
    /// <summary>The long name, with its dashes.</summary>
    public string Name => Names[0];

    /// <summary>The accepted words, where these are few; none otherwise.</summary>
    public ImmutableArray<string> Words =>
        Value is not null && Choice().IsMatch(Value)
            ? [.. Value.Split((string[])[", ", " or "], StringSplitOptions.None)]
            : [];

    /// <summary>True where the value is the path of a file or folder.</summary>
    public bool IsPath => Value is not null && Path().IsMatch(Value);

    [GeneratedRegex("^[a-z0-9]+(, [a-z0-9]+)* or [a-z0-9]+$")]
    private static partial Regex Choice();

    [GeneratedRegex("^(a file|a path|paths|a directory|an existing directory|a folder)")]
    private static partial Regex Path();
}

/// <summary>A command with its own flags.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">The purpose.</param>
/// <param name="Flags">Its own flags.</param>
/// <param name="Words">The words that it accepts as its argument; none for most.</param>
/// <param name="Examples">The arguments of its examples.</param>
sealed record ListedCommand(
    string Name,
    string Description,
    ImmutableArray<ListedFlag> Flags,
    ImmutableArray<string> Words,
    ImmutableArray<string> Examples
);

/// <summary>
/// Every command and flag. The help, the completion of shells and the manual page are made from this list.
/// </summary>
/// <param name="root">The command of the program.</param>
sealed class CommandList(Command root)
{
    /// <summary>The purpose of the program.</summary>
    public string Description => root.Description!;

    /// <summary>The commands.</summary>
    public ImmutableArray<ListedCommand> Commands { get; } =
    [
        .. root.Subcommands.Select(static command => new ListedCommand(
            command.Name,
            command.Description!,
            FlagsOf(command.Options),
            command.Arguments is [{ HelpName: { } words }]
                ? [.. words.Split((string[])[", ", " or "], StringSplitOptions.None)]
                : [],
            command is Verb verb ? verb.Examples : []
        )),
    ];

    /// <summary>The flags of the server, which every command accepts too, except those of single collectors.</summary>
    public ImmutableArray<ListedFlag> Flags { get; } = FlagsOf(root.Options.Except(CollectorFlags.All));

    /// <summary>The flags of single collectors.</summary>
    public ImmutableArray<ListedFlag> CollectorFlagList { get; } = FlagsOf(root.Options.Intersect(CollectorFlags.All));

    /// <summary>Returns the first sentence of a text, without its full stop.</summary>
    public static string FirstSentence(string text) =>
        (text.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end ? text[..end] : text).TrimEnd('.');

    /// <summary>Returns the first sentence of a text, up to a colon, a semicolon or a bracket.</summary>
    public static string FirstWords(string text) =>
        FirstSentence(text).Split((string[])[": ", "; ", " ("], StringSplitOptions.None)[0];

    /// <summary>Returns the flags that help and completion show.</summary>
    static ImmutableArray<ListedFlag> FlagsOf(IEnumerable<Option> options) =>
        [
            .. options
                .Where(static option => !option.Hidden)
                .Select(static option => new ListedFlag(
                    [option.Name, .. option.Aliases.Where(static name => name.StartsWith('-')).Order()],
                    option.HelpName,
                    option.Description!
                )),
        ];
}
