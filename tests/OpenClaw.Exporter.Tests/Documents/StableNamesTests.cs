using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Metrics;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// Compares the names that users rely on with a committed list. With RECORD=1 in the environment it writes the list,
/// but only where the changelog names each change.
/// </summary>
public class StableNamesTests
{
    const string List = "tests/OpenClaw.Exporter.Tests/Documents/stable-names.txt";
    const string Changelog = "CHANGELOG.md";

    [Fact]
    public void Names_change_only_with_an_entry_in_the_changelog()
    {
        var path = Repository.PathOf(List);
        var (recorded, now) = (File.ReadAllLines(path), Names().ToArray());

        // An empty list is written anew.
        var untold = recorded.Length == 0 ? [] : Untold(recorded, now, File.ReadAllText(Repository.PathOf(Changelog)));
        Assert.True(
            untold.Length == 0,
            $"{Changelog}, Unreleased: expected an entry with these names in code: {string.Join(", ", untold)}"
        );
        if (Environment.GetEnvironmentVariable("RECORD") == "1")
            File.WriteAllLines(path, now);
        else
            Assert.Equal(recorded, now);
    }

    [Theory]
    [InlineData("metric a gauge netns", "metric a gauge netns", "", "")]
    [InlineData("metric a gauge netns", "metric a counter netns", "", "a")]
    [InlineData("metric a gauge netns", "metric a gauge netns,pid", "Labels of `a`.", "")]
    [InlineData("metric a gauge netns", "metric b gauge netns", "`a` is gone.", "b")]
    [InlineData("metric a gauge netns", "metric b gauge netns", "`a` is now `b`.", "")]
    [InlineData("metric a gauge netns", "metric b gauge netns", "`ab` is now `bb`.", "a,b")]
    [InlineData("field diagnosis.pool.used", "", "`used` is gone.", "")]
    [InlineData("flag --old", "", "`--old SECONDS` is gone.", "")]
    public void A_change_needs_its_name_in_code(string before, string after, string entry, string untold) =>
        Assert.Equal(
            untold,
            string.Join(
                ',',
                Untold([before], [after], $"\n## [Unreleased]\n\n{entry}\n\n## [0.1.0]\n\n`a` `b` `used` `--old`\n")
            )
        );

    /// <summary>Returns the changed names that the changelog's section of the next version does not have.</summary>
    static string[] Untold(string[] before, string[] now, string changelog)
    {
        var section = changelog
            .Split("\n## ")
            .First(static part => part.StartsWith("[Unreleased]", StringComparison.Ordinal));
        return
        [
            .. before
                .Except(now)
                .Concat(now.Except(before))
                .Where(static line => line.Length > 0)
                .Select(static line => line.Split(' ')[1])
                .Distinct()
                .Where(name => !IsTold(section, name)),
        ];
    }

    static bool IsTold(string section, string name) =>
        Regex.IsMatch(section, $@"`{Regex.Escape(name)}(?![\w-])")
        || (name.Contains('.', StringComparison.Ordinal) && IsTold(section, name[(name.LastIndexOf('.') + 1)..]));

    static IEnumerable<string> Names() =>
        MetricCatalogue
            .All.Select(static family =>
                $"metric {family.Name} {family.Type} {string.Join(',', family.Labels)}".TrimEnd()
            )
            .Concat(PoolCatalogue.All.Select(static pool => $"pool {pool.Name} {pool.Code}"))
            .Concat(AlertCatalogue.All.Select(static alert => $"alert {alert.Name} {alert.Severity}"))
            .Concat(ExporterFlags.Own.Select(static flag => $"flag {flag.Name}"))
            .Concat(CollectorFlags.Readers.Select(static reader => $"collector {reader.Name}"))
            .Concat(ExitCodes.All.Select(static exit => $"exit {exit.Code} {exit.Meaning}"))
            .Concat(Verbs())
            .Concat(Fields("diagnosis"))
            .Concat(Fields("episodes"))
            .Distinct()
            .Order(StringComparer.Ordinal);

    static IEnumerable<string> Verbs()
    {
        var root = ExporterCommand.Root(
            static _ => throw new NotSupportedException(),
            static (_, _) => throw new NotSupportedException()
        );
        foreach (var verb in root.Subcommands)
        {
            yield return $"verb {verb.Name}";
            foreach (var option in verb.Options)
                yield return $"option {option.Name} {verb.Name}";
        }
    }

    static List<string> Fields(string document)
    {
        var file = $"src/OpenClaw.Exporter/Status/{document}.schema.json";
        var text = File.ReadAllText(Repository.PathOf(file));
        var fields = new List<string>();
        using var schema = JsonDocument.Parse(text);
        Collect(schema.RootElement, document);
        return fields;

        void Collect(JsonElement element, string path)
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in element.EnumerateArray())
                    Collect(item, path);
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in element.EnumerateObject())
                    CollectProperty(property, path);
            }
        }

        void CollectProperty(JsonProperty property, string path)
        {
            if (property.Name is not ("properties" or "definitions" or "$defs"))
            {
                Collect(property.Value, path);
                return;
            }

            foreach (var one in property.Value.EnumerateObject())
            {
                var inner = $"{path}.{one.Name}";
                if (property.Name == "properties")
                    fields.Add($"field {inner} {Type(one.Value)}".TrimEnd());
                Collect(one.Value, inner);
            }
        }
    }

    /// <summary>Returns the values that a field of the schema may have, without spaces.</summary>
    static string Type(JsonElement field) =>
        (
            field.TryGetProperty("enum", out var values) || field.TryGetProperty("type", out values)
                ? values.GetRawText()
                : ""
        ).Replace(" ", "", StringComparison.Ordinal);
}
