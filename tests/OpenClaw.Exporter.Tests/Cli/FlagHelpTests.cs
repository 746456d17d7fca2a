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
        var root = ExporterCommand.Root(
            static _ => Task.FromResult(0),
            static (_, _) => throw new NotSupportedException()
        );
        var help = Help(root);

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
    public void Nothing_else_is_said_of_what_holds_by_default()
    {
        var root = ExporterCommand.Root(
            static _ => Task.FromResult(0),
            static (_, _) => throw new NotSupportedException()
        );

        foreach (var command in root.Subcommands.Prepend(root))
        {
            Assert.DoesNotContain("[default", Help(command), StringComparison.Ordinal);
            Assert.Contains(
                "  --web.max-requests <a number from 0 to 10000>\n",
                Help(command),
                StringComparison.Ordinal
            );
            Assert.All(Help(command).Split('\n'), static line =>
                Assert.True(line.Length <= 100 || line.Contains('<', StringComparison.Ordinal), line)
            );
        }
    }

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

    [GeneratedRegex(@"\(default (.*); (OPENCLAW_EXPORTER_[A-Z_0-9]+)\) ?$")]
    private static partial Regex Standard();
}
