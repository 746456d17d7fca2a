using System.CommandLine;
using System.CommandLine.Invocation;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// Prints --help from the flags themselves. The library would print the defaults in a form that no flag accepts.
/// </summary>
sealed class FlagHelp : SynchronousCommandLineAction
{
    const int Width = 100;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Print(parseResult.CommandResult.Command, Console.Out);
        return 0;
    }

    /// <summary>Prints the description of a command and its flags.</summary>
    public static void Print(Command command, TextWriter output)
    {
        var isRoot = command.Subcommands.Count > 0;
        Wrap(output, "", command.Description!);
        output.WriteLine($"\nUsage: openclaw-exporter {(isRoot ? "[command]" : command.Name)} [flags]\n");
        if (isRoot)
        {
            output.WriteLine("Commands, which take the flags too, and --help:");
            foreach (var sub in command.Subcommands)
                Entry(output, sub.Name, sub.Description!);
            output.WriteLine();
        }

        output.WriteLine("Flags:");
        foreach (
            var flag in command.Options.Concat(
                command
                    .Parents.OfType<Command>()
                    .SelectMany(static parent => parent.Options.Where(static flag => flag.Recursive))
            )
        )
        {
            if (!flag.Hidden)
            {
                Entry(
                    output,
                    string.Join(", ", flag.Aliases.Order().Prepend(flag.Name))
                        + (flag.HelpName is { } values ? $" <{values}>" : ""),
                    flag.Description!
                );
            }
        }
    }

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
