using System.CommandLine;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli;

/// <summary>Explains a command or a flag that does not exist, and suggests the one that was probably meant.</summary>
static class Typo
{
    /// <summary>Returns the message about the first unknown argument; null where all are known.</summary>
    /// <param name="result">The parsed command line.</param>
    /// <param name="arguments">The same command line, as it was typed.</param>
    public static string? Explain(ParseResult result, string[] arguments)
    {
        if (result.UnmatchedTokens is not [var token, ..])
            return null;
        var command = result.CommandResult.Command;

        // The library takes the wrong value of a switch for an argument of its own.
        if (arguments.FirstOrDefault(typed => typed.StartsWith('-') && typed.EndsWith('=' + token)) is { } typed)
            return $"{typed[..^(token.Length + 1)]}: expected {FlagKinds.Switch.Expected}, found {Quoted(token)}";
        var word = token.Split('=')[0];
        if (word.StartsWith('-'))
            return $"unknown flag {Quoted(word)}{Spelling.DidYouMean(word, Flags(command))} {FlagHelp.Hint(command)}";
        var verbs = command.Subcommands.Select(static verb => verb.Name).ToList();
        return verbs.Count == 0
            ? $"unexpected argument {Quoted(word)} after {command.Name} {FlagHelp.Hint(command)}"
            : $"unknown command {Quoted(word)}{Spelling.DidYouMean(word, verbs)} (--help lists the commands)";
    }

    /// <summary>Returns the flags that a command accepts, by their names and aliases.</summary>
    static IEnumerable<string> Flags(Command command) =>
        command
            .Options.Concat(command.Parents.OfType<Command>().SelectMany(static parent => parent.Options))
            .SelectMany(static flag => flag.Aliases.Prepend(flag.Name));

    static string Quoted(string word) => $"'{OneLine.From(word)}'";
}
