using System.CommandLine;
using System.CommandLine.Invocation;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// Prints --help from the flags themselves. The library would print the defaults in a form that no flag accepts.
/// </summary>
sealed class FlagHelp : SynchronousCommandLineAction
{
    const int Width = 100;

    static readonly string[] RootExamples = ["--web.listen-address=127.0.0.1:10087", "diagnose"];

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Print(parseResult.CommandResult.Command, Console.Out);
        return 0;
    }

    /// <summary>
    /// Prints the description of a command, its own flags and its examples. The flags of the server, which every verb
    /// accepts, are in the help of the program only.
    /// </summary>
    public static void Print(Command command, TextWriter output)
    {
        var isRoot = command.Subcommands.Count > 0;
        Wrap(output, "", command.Description!);
        output.WriteLine($"\nUsage: openclaw-exporter {Synopsis(command)} [flags]\n");
        if (isRoot)
        {
            output.WriteLine("Commands (--help after a command lists its flags):");
            foreach (var sub in command.Subcommands)
                Entry(output, sub.Name, CommandList.FirstSentence(sub.Description!) + ".");
            output.WriteLine();
            output.WriteLine("Examples:");
            foreach (var example in RootExamples)
                output.WriteLine($"  openclaw-exporter {example}");
            output.WriteLine();
        }

        if (command.Options.Count > 0)
            output.WriteLine("Flags:");
        foreach (var flag in command.Options.Where(static flag => !flag.Hidden))
        {
            Entry(
                output,
                string.Join(", ", flag.Aliases.Order().Prepend(flag.Name))
                    + (flag.HelpName is { } values ? $" <{values}>" : ""),
                flag.Description!
            );
        }

        if (command is not Verb verb)
            return;
        output.WriteLine("\nThe flags of the exporter apply too, such as --config.file: openclaw-exporter --help\n");
        output.WriteLine("Examples:");
        foreach (var example in verb.Examples)
            output.WriteLine($"  openclaw-exporter {example}");
    }

    static string Synopsis(Command command) =>
        command.Subcommands.Count > 0
            ? "[command]"
            : string.Join(' ', command.Arguments.Select(Words).Prepend(command.Name));

    /// <summary>Returns an argument as the usage line shows it: in brackets where it may be left out.</summary>
    static string Words(Argument argument) =>
        argument.Arity.MinimumNumberOfValues > 0
            ? $"<{argument.HelpName ?? argument.Name}>"
            : $"[{argument.HelpName ?? argument.Name}]";

    static void Entry(TextWriter output, string head, string text)
    {
        output.WriteLine("  " + head);
        Wrap(output, "        ", text);
    }

    static void Wrap(TextWriter output, string indent, string text)
    {
        var line = indent;
        foreach (var word in text.Split(' '))
        {
            if (line.Length > indent.Length && line.Length + 1 + word.Length > Width)
            {
                output.WriteLine(line);
                line = indent;
            }

            line += (line.Length > indent.Length ? " " : "") + word;
        }

        output.WriteLine(line);
    }
}
