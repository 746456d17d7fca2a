using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Tests;

/// <summary>Every alert links to a page, which has what somebody needs at night, and the facts of the rule as they are.</summary>
public class RunbookTests
{
    const string Folder = "alerts/runbooks/";

    static readonly string[] Sections = ["Symptom", "Confirm", "Fix", "Persistence", "Verification", "Pitfalls"];

    public static TheoryData<string> Alerts => [.. AlertCatalogue.All.Select(static alert => alert.Name)];

    [Fact]
    public void Each_alert_has_one_and_each_has_its_alert() => Assert.Equal(
        AlertCatalogue.All.Select(static alert => alert.Name + ".md").Order(StringComparer.Ordinal),
        Directory.GetFiles(Repository.PathOf(Folder)).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Alerts))]
    public void It_says_the_same_as_the_rule(string name)
    {
        var alert = AlertCatalogue.All.Single(alert => alert.Name == name);
        var path = $"{Folder}{name}.md";
        var text = File.ReadAllText(Repository.PathOf(path));
        Assert.StartsWith($"# {name}\n", text, StringComparison.Ordinal);
        Assert.Equal(Sections, text.Split('\n').Where(static line => line.StartsWith("## ", StringComparison.Ordinal)).Select(static line => line[3..]));
        Assert.All(text.Split("\n## ")[1..], static section => Assert.NotEmpty(section[section.IndexOf('\n', StringComparison.Ordinal)..].Trim()));

        text = GeneratedFile.Replaced(path, text, "rule", GeneratedFile.Table(["severity", "code", "waits", "stays", "says"],
        [
            [alert.Severity, Fact(alert.Code), alert.For, alert.KeepFiringFor, alert.Headline],
        ]));
        if (!alert.Causes.IsEmpty)
        {
            text = GeneratedFile.Replaced(path, text, "fix", GeneratedFile.Table(["pool", "makes room"], PoolCatalogue.All
                .Where(pool => alert.Causes.Contains(pool.Name))
                .Select(static pool => new[] { $"`{pool.Name}`", pool.Remedy })));
        }

        GeneratedFile.AssertCurrent(path, text);
    }

    static string Fact(string code) => code.Length == 0 ? "its label" : code.Contains('{', StringComparison.Ordinal) ? "by its label `key`" : $"`{code}`";
}
