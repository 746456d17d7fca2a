using System.CommandLine.Parsing;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// Explains a wrong or missing value. The library's own messages name neither the flag nor the valid values.
/// </summary>
static class WrongValue
{
    /// <summary>Returns the message about an error, with the flag, the valid values and the wrong one.</summary>
    /// <param name="error">The error of the library.</param>
    /// <param name="arguments">The command line, as it was typed.</param>
    public static string Explain(ParseError error, string[] arguments) =>
        Symbol(error.SymbolResult) switch
        {
            OptionResult { Option: { HelpName: { } expected } flag } result when IsOfLibrary(error, flag.Name) =>
                Message(flag.Name, expected, Typed(result, arguments)),
            ArgumentResult { Argument: { HelpName: { } expected } argument } result => Message(
                argument.Name,
                expected,
                [.. result.Tokens.Select(static token => token.Value)]
            ),
            CommandResult { Command.Arguments: [{ HelpName: { } expected } argument, ..] } => Message(
                argument.Name,
                expected,
                []
            ),
            _ => error.Message,
        };

    /// <summary>Returns the flag where the library blames its value.</summary>
    static SymbolResult? Symbol(SymbolResult? result) =>
        result is ArgumentResult { Parent: OptionResult flag } ? flag : result;

    /// <summary>Returns true for a message that is not one of this program, which begins with its place.</summary>
    static bool IsOfLibrary(ParseError error, string flag) =>
        !error.Message.Contains(": expected ", StringComparison.Ordinal)
        && !error.Message.StartsWith(flag + ':', StringComparison.Ordinal)
        && (
            error.Message.StartsWith("Argument ", StringComparison.Ordinal)
            || error.Message.StartsWith("Required argument ", StringComparison.Ordinal)
            || error.Message.StartsWith("Cannot parse argument ", StringComparison.Ordinal)
            || error.Message.StartsWith("Option ", StringComparison.Ordinal)
        );

    /// <summary>Returns the values of a flag; an empty one where it was typed with an equals sign alone.</summary>
    static string[] Typed(OptionResult result, string[] arguments) =>
        result.Tokens is []
            ? [.. arguments.Where(typed => typed == result.Option.Name + '=').Select(static _ => "")]
            : [.. result.Tokens.Select(static token => token.Value)];

    static string Message(string name, string expected, string[] found) =>
        found switch
        {
            [] => $"{name}: expected {expected}, found nothing",
            [var one] => $"{name}: expected {expected}, found '{OneLine.From(one)}'",
            _ => $"{name}: expected one value, found {string.Join(", ", found.Select(Quoted))}",
        };

    static string Quoted(string word) => $"'{OneLine.From(word)}'";
}
