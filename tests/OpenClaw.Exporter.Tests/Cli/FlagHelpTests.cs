using System.CommandLine;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Tests;

/// <summary>--help shows the accepted values and the default of each flag.</summary>
[Collection(nameof(EnvironmentTests))]
public partial class FlagHelpTests
{
    /// <summary>
    /// Every flag has an entry, and its documented default means the same when it is passed explicitly.
    /// </summary>
    [Fact]
    public void Each_flag_is_listed_with_a_default_that_it_accepts()
    {
        var root = Root();
        using var all = new StringWriter();
        FlagHelp.PrintAll(root, all);
        var help = all.ToString();

        foreach (var flag in ExporterFlags.All.Where(static flag => !flag.Hidden))
        {
            var entry = Regex.Match(
                help,
                $"^  {Regex.Escape(flag.Name)} <.+>\n((        .+\n)+)",
                RegexOptions.Multiline
            );
            Assert.True(entry.Success, flag.Name);
            var text = string.Join(' ', entry.Groups[1].Value.Split('\n', StringSplitOptions.TrimEntries));
            var standard = Standard().Match(text);
            Assert.True(standard.Success, text);
            Assert.Equal(ExporterFlags.EnvironmentVariable(flag.Name), standard.Groups[2].Value);

            var given = root.Parse([flag.Name, standard.Groups[1].Value.Trim('\'')]);
            Assert.Empty(given.Errors);
            Assert.Equal(Value(root.Parse([]), flag), Value(given, flag));
        }
    }

    [Fact]
    public void Defaults_are_not_printed_twice_and_lines_fit_a_terminal()
    {
        var root = Root();

        foreach (var command in root.Subcommands.Prepend(root))
        {
            Assert.DoesNotContain("[default", Help(command), StringComparison.Ordinal);
            Assert.All(Help(command).Split('\n'), static line =>
                Assert.True(line.Length <= 80 || line.Contains('<') || !line.Trim().Contains(' '), line)
            );
        }
    }

    /// <summary>A terminal of 80 columns and 50 rows shows all of it, with the prompt below.</summary>
    [Fact]
    public void Help_of_the_program_fits_one_screen()
    {
        var root = Root();
        var lines = Help(root).Split('\n');

        Assert.InRange(lines.Length, 30, 50);
        Assert.All(lines, static line => Assert.InRange(line.Length, 0, 80));
        Assert.All(root.Subcommands, verb =>
            Assert.Single(lines, line => line.StartsWith($"  {verb.Name} ", StringComparison.Ordinal))
        );
        var flags = lines.Where(static line => line.StartsWith("  --", StringComparison.Ordinal)).ToList();
        Assert.InRange(flags.Count, 8, 12);
        Assert.All(flags, flag =>
            Assert.Contains(root.Options, option => option.Name == flag.Trim().Split(' ')[0] && !option.Hidden)
        );
        var examples = lines.Where(static line => line.StartsWith("  openclaw-exporter ", StringComparison.Ordinal));
        Assert.Equal(2, examples.Count());
        Assert.All(examples, example => Assert.Empty(root.Parse(example.Trim().Split(' ')[1..]).Errors));
        Assert.Contains(lines, static line => line.StartsWith("--help-all lists", StringComparison.Ordinal));
    }

    /// <summary>A mistake beside it does not hide the help.</summary>
    [Theory]
    [InlineData("  --web.listen-address  ", "--help")]
    [InlineData("  --no-probe <", "--help-all")]
    [InlineData("  --collector.conntrack <", "diagnose", "--help-all")]
    [InlineData("Usage: openclaw-exporter completion <", "completion", "--help")]
    [InlineData("  --observe <", "diagnose", "--help", "--observe=never")]
    [InlineData("  --web.listen-address  ", "--help", "--pools={")]
    public async Task Help_is_printed_beside_every_mistake(string expected, params string[] arguments)
    {
        const string variable = "OPENCLAW_EXPORTER_WEB_MAX_REQUEST";
        var console = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(output);
        Environment.SetEnvironmentVariable(variable, "1");
        try
        {
            var code = await ExporterCommand.RunAsync(
                arguments,
                static _ => throw new InvalidOperationException("served"),
                static (_, _) => throw new InvalidOperationException("diagnosed")
            );
            Assert.Equal(ExitCodes.Ok, code);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
            Console.SetOut(console);
        }

        Assert.Contains($"\n{expected}", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("diagnose")]
    [InlineData("fix")]
    [InlineData("verify")]
    [InlineData("healthcheck")]
    [InlineData("rules")]
    [InlineData("top")]
    [InlineData("completion")]
    [InlineData("man")]
    public void Help_of_a_verb_has_its_own_flags_and_two_examples(string name)
    {
        var root = Root();
        var verb = Assert.IsType<Verb>(root.Subcommands.Single(verb => verb.Name == name));
        var help = Help(verb);

        Assert.All(verb.Options, flag => Assert.Contains($"  {flag.Name}", help, StringComparison.Ordinal));
        Assert.All(ExporterFlags.All, flag =>
            Assert.DoesNotContain($"\n  {flag.Name} ", help, StringComparison.Ordinal)
        );
        Assert.InRange(help.Split('\n').Length, 10, 40);
        Assert.Equal(2, verb.Examples.Length);
        Assert.All(verb.Examples, example =>
        {
            Assert.Contains($"\n  openclaw-exporter {example}\n", help, StringComparison.Ordinal);
            var arguments = example.Split(['|', '>'])[0].Replace("'", "", StringComparison.Ordinal);
            var result = root.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            Assert.Empty(result.Errors);
            Assert.Same(verb, result.CommandResult.Command);
        });
    }

    [Theory]
    [InlineData("unknown command 'diagnos', did you mean 'diagnose'? (--help lists the commands)", "diagnos")]
    [InlineData("unknown command 'frobnicate' (--help lists the commands)", "frobnicate")]
    [InlineData(
        "unknown flag '--formt', did you mean '--format'? (--help lists the flags)",
        "diagnose",
        "--formt=json"
    )]
    [InlineData("unknown flag '--netn', did you mean '--netns'? (--help-all lists the flags)", "--netn", "self")]
    [InlineData(
        "unknown flag '--web.listen-adress', did you mean '--web.listen-address'? (--help lists the flags)",
        "status",
        "--web.listen-adress=:1"
    )]
    [InlineData(
        "unknown flag '--fro', did you mean '--for'? (--help lists the flags)",
        "fix",
        "2",
        "--apply",
        "--fro=10m"
    )]
    [InlineData("unknown flag '--aply', did you mean '--apply'? (--help lists the flags)", "fix", "--aply")]
    [InlineData("unknown flag '--sinc', did you mean '--since'? (--help lists the flags)", "history", "--sinc=2h")]
    [InlineData("'--version' goes without a command: openclaw-exporter --version", "diagnose", "--version")]
    [InlineData("unexpected argument 'now' after diagnose (--help lists the flags)", "diagnose", "now")]
    public void A_mistyped_verb_or_flag_gets_a_suggestion(string message, params string[] arguments) =>
        Assert.Equal(message, Typo.Explain(Root().Parse(arguments), arguments));

    static RootCommand Root() =>
        ExporterCommand.Root(static _ => Task.FromResult(0), static (_, _) => throw new NotSupportedException());

    static string Help(Command command)
    {
        using var text = new StringWriter();
        FlagHelp.Print(command, text);
        return text.ToString();
    }

    /// <summary>The value of a flag of any type, as text.</summary>
    static string Value(ParseResult result, Option flag)
    {
        var get = typeof(ParseResult)
            .GetMethods()
            .Single(static method =>
                method.Name == nameof(ParseResult.GetValue)
                && method.GetParameters()[0].ParameterType is { IsGenericType: true } type
                && type.GetGenericTypeDefinition() == typeof(Option<>)
            );
        var value = get.MakeGenericMethod(flag.ValueType).Invoke(result, [flag]);
        return value is System.Collections.IEnumerable items and not string
            ? string.Join(' ', items.Cast<object>())
            : $"{value}";
    }

    [GeneratedRegex(@"\((?:default (.*); )?(OPENCLAW_EXPORTER_[A-Z_0-9]+)\) ?$")]
    private static partial Regex Standard();
}
