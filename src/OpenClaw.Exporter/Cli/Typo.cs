using System.CommandLine;
using System.CommandLine.Parsing;
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
        var command = result.CommandResult.Command;
        if (Misplaced(result) is not { } token)
            return null;

        // The library takes the wrong value of a switch for an argument of its own.
        if (arguments.FirstOrDefault(typed => typed.StartsWith('-') && typed.EndsWith('=' + token)) is { } typed)
            return $"{typed[..^(token.Length + 1)]}: expected {FlagKinds.Switch.Expected}, found {Quoted(token)}";
        var word = token.Split('=')[0];
        if (command.Parents.OfType<Command>().SelectMany(Names).Contains(word))
            return $"{Quoted(word)} goes without a command: openclaw-exporter {OneLine.From(word)}";
        if (word.StartsWith('-'))
            return $"unknown flag {Quoted(word)}{Spelling.DidYouMean(word, Flags(command))} {FlagHelp.Hint(command)}";
        var verbs = command.Subcommands.Select(static verb => verb.Name).ToList();
        return verbs.Count == 0
            ? $"unexpected argument {Quoted(word)} after {command.Name} {FlagHelp.Hint(command)}"
            : $"unknown command {Quoted(word)}{Spelling.DidYouMean(word, verbs)} (--help lists the commands)";
    }

    /// <summary>
    /// Returns the first argument that the command does not take; null for none. The library takes a flag that does not
    /// exist for the value of an argument.
    /// </summary>
    static string? Misplaced(ParseResult result) =>
        result.UnmatchedTokens is [var unmatched, ..]
            ? unmatched
            : result
                .CommandResult.Children.OfType<ArgumentResult>()
                .SelectMany(static argument => argument.Tokens)
                .Select(static token => token.Value)
                .FirstOrDefault(static value => value.StartsWith('-'));

    /// <summary>Returns the flags that a command accepts, by their names and aliases.</summary>
    static IEnumerable<string> Flags(Command command) =>
        Names(command).Concat(command.Parents.OfType<Command>().SelectMany(Inherited));

    static IEnumerable<string> Inherited(Command parent) =>
        parent.Options.Where(static flag => flag.Recursive).SelectMany(NamesOf);

    static IEnumerable<string> Names(Command command) => command.Options.SelectMany(NamesOf);

    static IEnumerable<string> NamesOf(Option flag) => flag.Aliases.Prepend(flag.Name);

    static string Quoted(string word) => $"'{OneLine.From(word)}'";
}
