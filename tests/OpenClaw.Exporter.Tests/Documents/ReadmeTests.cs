using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>Renders the tables of the references from the lists in the code, and checks all links.</summary>
public partial class ReadmeTests
{
    const int LinesAtMost = 150;

    const string Cli = "src/OpenClaw.Exporter/Cli/README.md";
    const string Metrics = "src/OpenClaw.Exporter/Metrics/README.md";

    /// <summary>The folders whose Markdown files are documents of this repository.</summary>
    static readonly string[] Folders = [".github", "alerts", "dashboards", "deploy", "src"];

    /// <summary>Each generated table, and the file that it is in.</summary>
    static readonly Section[] Sections =
    [
        new(Metrics, "pools", ["pool", "scope", "warning", "critical", "code", "use"], static () =>
            PoolRows(PoolCatalogue.All)
        ),
        new(
            Metrics,
            "metrics",
            ["metric", "type", "labels", "unit", "scope", "source", "needs", "meaning"],
            static () => MetricRows(MetricCatalogue.All)
        ),
        new("alerts/README.md", "alerts", ["alert", "severity", "condition"], static () =>
            AlertCatalogue.All.Select(static alert =>
                new[] { $"[{alert.Name}](runbooks/{alert.Name}.md)", alert.Severity, alert.Headline }
            )
        ),
        new(Cli, "flags", ["flag", "environment variable", "what"], FlagRows),
        new(Cli, "collectors", ["collector", "reads"], static () =>
            CollectorFlags.Readers.Select(static reader => new[] { Code(reader.Name), reader.Source })
        ),
        new(Cli, "exit codes", ["exit code", "meaning"], static () =>
            ExitCodes.All.Select(static one => new[] { $"{one.Code}", one.Meaning })
        ),
        new("src/README.md", "bounds", ["bound", "value", "limits"], static () =>
            BoundRows(typeof(Bounds), "src/OpenClaw.Kernel/Sampling/Bounds.cs")
                .Concat(BoundRows(typeof(ExporterBounds), "src/OpenClaw.Exporter/Configuration/ExporterBounds.cs"))
        ),
        new("deploy/README.md", "privileges", ["capability", "reader", "data"], static () =>
            Privileges.All.Select(static privilege =>
                new[] { privilege.Capability, Code(privilege.Reader), privilege.Gives }
            )
        ),
    ];

    public static TheoryData<string> Generated => [.. Sections.Select(static section => section.File).Distinct()];

    public static TheoryData<string> Documents => [.. ListDocuments()];

    [Theory]
    [MemberData(nameof(Generated))]
    public void Its_tables_are_those_of_the_code(string file)
    {
        var text = File.ReadAllText(Repository.PathOf(file));
        foreach (var section in Sections.Where(section => section.File == file))
            text = GeneratedFile.Replaced(file, text, section.Name, GeneratedFile.Table(section.Head, section.Rows()));

        GeneratedFile.AssertCurrent(file, text);
    }

    [Fact]
    public void The_top_readme_has_at_most_150_lines() =>
        Assert.InRange(File.ReadLines(Repository.PathOf("README.md")).Count(), 1, LinesAtMost);

    /// <summary>Covers relative links, pictures and anchors. Addresses of other sites are not checked.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void Its_links_lead_to_files_and_headings(string file)
    {
        var folder = Path.GetDirectoryName(Repository.PathOf(file))!;
        foreach (var target in Link().Matches(File.ReadAllText(Repository.PathOf(file))).Select(Target))
        {
            var parts = target.Split('#', 2);
            var path = parts[0].Length == 0 ? Repository.PathOf(file) : Path.Combine(folder, parts[0]);
            Assert.True(Path.Exists(path), $"{file}: {target} does not exist");
            if (parts.Length == 2)
                Assert.Contains(parts[1], File.ReadLines(path).Where(IsHeading).Select(Anchor));
        }
    }

    static IEnumerable<string> ListDocuments() =>
        Folders
            .SelectMany(static folder =>
                Directory.EnumerateFiles(Repository.PathOf(folder), "*.md", SearchOption.AllDirectories)
            )
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.md"))
            .Select(static file => Path.GetRelativePath(Repository.Root, file))
            .Order(StringComparer.Ordinal);

    static IEnumerable<string[]> FlagRows() =>
        ExporterFlags.Own.Select(static flag =>
        {
            var variable = ExporterFlags.EnvironmentVariable(flag.Name);
            return new[]
            {
                Code(flag.Name),
                Code(variable),
                flag.Description!.Replace($"; {variable}", "", StringComparison.Ordinal),
            };
        });

    /// <summary>Returns the constants of a class with their docstrings.</summary>
    static IEnumerable<string[]> BoundRows(Type bounds, string file)
    {
        var source = File.ReadAllText(Repository.PathOf(file));
        return bounds
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(static field => field.IsLiteral)
            .Select(field =>
                new[]
                {
                    Code(field.Name),
                    string.Create(CultureInfo.InvariantCulture, $"{field.GetRawConstantValue():N0}"),
                    Regex
                        .Match(source, $@"<summary>([^\n]*)</summary>\n *public const int {field.Name} =")
                        .Groups[1]
                        .Value,
                }
            );
    }

    /// <summary>Returns the rows of the table of pools.</summary>
    internal static IEnumerable<string[]> PoolRows(IEnumerable<Pool> pools) =>
        pools.Select(static pool =>
            new[]
            {
                Code(pool.Name),
                Scope(pool.Scope),
                $"{pool.WarningRatio:P0}",
                $"{pool.CriticalRatio:P0}",
                Code(pool.Code),
                pool.UsedHelp,
            }
        );

    /// <summary>Returns the rows of the table of metrics.</summary>
    internal static IEnumerable<string[]> MetricRows(IEnumerable<MetricFamily> families) =>
        families.Select(static family =>
            new[]
            {
                Code(family.Name),
                SnakeCase.Convert(family.Type),
                string.Join(", ", family.Labels),
                UnitOf(family),
                Scope(family.Scope),
                family.Source,
                family.Capability,
                Meaning(family),
            }
        );

    static string UnitOf(MetricFamily family) => family.Unit.Length > 0 ? family.Unit : MetricUnits.Find(family.Name);

    static string Meaning(MetricFamily family) =>
        Unprovoked.ReasonFor(family.Name["openclaw_network_".Length..]) is { Length: > 0 } reason
            ? $"{family.Help} *Not provoked by a test: {reason}.*"
            : family.Help;

    static string Scope(PoolScope scope) => scope == PoolScope.Host ? "host" : "network namespace";

    static string Code(string text) => $"`{text}`";

    static string Target(Match link) => link.Groups["target"].Value;

    static bool IsHeading(string line) => line.StartsWith('#');

    /// <summary>Returns the anchor that GitHub gives a heading.</summary>
    static string Anchor(string heading) =>
        NotInAnchors().Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<target>(?!https?:)[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    /// <summary>A table between the markers of its name.</summary>
    sealed record Section(string File, string Name, string[] Head, Func<IEnumerable<string[]>> Rows);
}
