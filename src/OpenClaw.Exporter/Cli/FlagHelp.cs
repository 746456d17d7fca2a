using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Invocation;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// Prints --help from the flags themselves. The library would print the defaults in a form that no flag accepts.
/// </summary>
/// <param name="isWhole">True for --help-all.</param>
sealed class FlagHelp(bool isWhole) : SynchronousCommandLineAction
{
    /// <summary>The flag that lists all flags.</summary>
    public const string Everything = "--help-all";

    const int Width = 80;

    static readonly string[] RootExamples = ["--web.listen-address=127.0.0.1:10087", "diagnose"];

    /// <summary>The flags that most machines need. Only these are in the help of the program.</summary>
    static readonly ImmutableArray<Option> MostUsed =
    [
        ExporterFlags.ConfigFile,
        ExporterFlags.ListenAddress,
        ExporterFlags.WebConfigFile,
        ExporterFlags.Netns,
        ExporterFlags.Watch,
        ExporterFlags.Pools,
        ExporterFlags.OpenClawLog,
        ExporterFlags.HealthUrl,
        ExporterFlags.StateDirectory,
        ExporterFlags.LogLevel,
    ];

    /// <summary>Help is also for a command line that has errors.</summary>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        if (isWhole)
            PrintAll(parseResult.RootCommandResult.Command, Console.Out);
        else
            Print(parseResult.CommandResult.Command, Console.Out);
        return 0;
    }

    /// <summary>Creates the flag that prints all flags of the program.</summary>
    public static Option<bool> CreateFlag() =>
        new(Everything)
        {
            Description = "Show every flag of the exporter",
            Arity = ArgumentArity.Zero,
            Recursive = true,
            Action = new FlagHelp(isWhole: true),
        };

    /// <summary>Returns the end of a message about a wrong argument of a command: where its flags are listed.</summary>
    public static string Hint(Command command) => $"({(IsProgram(command) ? Everything : "--help")} lists the flags)";

    /// <summary>
    /// Prints the description of a command, its own flags and its examples. The flags of the server, which every verb
    /// accepts, are in the help of the program only, and there only the most used ones.
    /// </summary>
    public static void Print(Command command, TextWriter output)
    {
        Begin(command, output);
        if (IsProgram(command))
        {
            output.WriteLine("Commands (--help after a command lists its flags):");
            Table(output, command.Subcommands.Select(static sub => (sub.Name, sub.Description!)));
            Examples(output, RootExamples);
            output.WriteLine("\nMost used flags:");
            Table(output, MostUsed.Select(static flag => (flag.Name, flag.Description!)));
            output.WriteLine($"\n{Everything} lists every flag, with its default and its environment variable.");
        }

        if (command is not Verb verb)
            return;
        Flags(command, output);
        output.WriteLine($"\nThe flags of the exporter apply too: {Everything} lists them.");
        Examples(output, verb.Examples);
    }

    /// <summary>Prints every flag of the program, except those of its commands.</summary>
    public static void PrintAll(Command root, TextWriter output)
    {
        Begin(root, output);
        Flags(root, output);
    }

    static bool IsProgram(Command command) => command.Subcommands.Count > 0;

    static void Begin(Command command, TextWriter output)
    {
        Wrap(output, "", command.Description!);
        output.WriteLine($"\nUsage: openclaw-exporter {Synopsis(command)} [flags]\n");
    }

    static void Examples(TextWriter output, IEnumerable<string> examples)
    {
        output.WriteLine("\nExamples:");
        foreach (var example in examples)
            output.WriteLine($"  openclaw-exporter {example}");
    }

    static void Flags(Command command, TextWriter output)
    {
        if (command.Options.Count > 0)
            output.WriteLine("Flags:");
        foreach (var flag in command.Options.Where(static flag => !flag.Hidden))
        {
            var names = string.Join(", ", flag.Aliases.Order().Prepend(flag.Name));
            output.WriteLine($"  {names}{(flag.HelpName is { } values ? $" <{values}>" : "")}");
            Wrap(output, "        ", flag.Description!);
        }
    }

    static string Synopsis(Command command) =>
        IsProgram(command) ? "[command]" : string.Join(' ', command.Arguments.Select(Words).Prepend(command.Name));

    /// <summary>Returns an argument as the usage line shows it: in brackets where it may be left out.</summary>
    static string Words(Argument argument) =>
        argument.Arity.MinimumNumberOfValues > 0
            ? $"<{argument.HelpName ?? argument.Name}>"
            : $"[{argument.HelpName ?? argument.Name}]";

    /// <summary>Prints names, each with the first words of its description beside it.</summary>
    static void Table(TextWriter output, IEnumerable<(string Name, string Description)> rows)
    {
        var all = rows.ToList();
        var column = all.Max(static row => row.Name.Length) + 4;
        foreach (var (name, description) in all)
            Wrap(output, new(' ', column), CommandList.FirstWords(description), $"  {name}".PadRight(column));
    }

    static void Wrap(TextWriter output, string indent, string text, string? begin = null)
    {
        var line = begin ?? indent;
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
