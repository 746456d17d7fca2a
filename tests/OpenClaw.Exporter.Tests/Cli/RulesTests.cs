using System.CommandLine;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Cli;

namespace OpenClaw.Exporter.Tests;

/// <summary>The command that prints the rules.</summary>
public partial class RulesTests
{
    [Theory]
    [InlineData("alerts/openclaw-network.rules.yml")]
    [InlineData("alerts/openclaw-network.rules.yml", "--format=prometheus")]
    [InlineData("deploy/kubernetes/base/prometheus-rule.yaml", "--format", "prometheusrule")]
    [InlineData("alerts/alertmanager.yml", "--format=alertmanager")]
    public void The_shipped_rules_are_its_output(string path, params string[] flags) =>
        GeneratedFile.AssertCurrent(path, Printed(flags));

    /// <summary>A series that is recorded by job has no other label, so only a matcher on job applies to it.</summary>
    [Theory]
    [InlineData("job=\"openclaw\"", "job=\"openclaw\"", "job=\"openclaw\"")]
    [InlineData(" { job = \"openclaw\" , cluster =~ 'a|b', } ", "job=\"openclaw\",cluster=~'a|b'", "job=\"openclaw\"")]
    [InlineData("zone!=\"\",zone!~`x\\d`", "zone!=\"\",zone!~`x\\d`", "")]
    [InlineData("team=\"🦞, {\\\"}\\x41\"", "team=\"🦞, {\\\"}\\x41\"", "")]
    public void A_selector_is_at_each_series_of_the_exporter_and_no_other(string selector, string written, string byJob)
    {
        var shipped = Expressions(Printed());
        var rules = Expressions(Printed($"--selector={selector}"));

        // The pattern matches each series name, with the brace that follows it if there is one.
        var expected = OwnSeries()
            .Replace(shipped, match =>
            {
                var matchers = match.Value.StartsWith("job:", StringComparison.Ordinal) ? byJob : written;
                if (matchers.Length == 0)
                    return match.Value;
                return match.Value.EndsWith('{') ? $"{match.Value}{matchers}," : $"{match.Value}{{{matchers}}}";
            });
        Assert.True(OwnSeries().Count(shipped) > 40);
        Assert.Equal(expected, rules);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("job")]
    [InlineData("job=openclaw")]
    [InlineData("job==\"openclaw\"")]
    [InlineData("job=\"openclaw")]
    [InlineData("{job=\"openclaw\"")]
    [InlineData("job=\"openclaw\" cluster=\"a\"")]
    [InlineData("job=\"openclaw\",,cluster=\"a\"")]
    [InlineData("1job=\"openclaw\"")]
    [InlineData("job=~\"open\\d\"")]
    [InlineData("job='it\\\"s'")]
    [InlineData("job=\"a\nb\"")]
    [InlineData("job=`a\u2028b`")]
    [InlineData("__name__=\"up\"")]
    public void A_bad_selector_is_one_clear_line(string selector)
    {
        var error = Assert.Single(Root().Parse(["rules", "--selector", selector]).Errors).Message;

        Assert.StartsWith("--selector: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [InlineData("https://wiki.example/runbooks", "https://wiki.example/runbooks/")]
    [InlineData("http://wiki.example/a{b}/", "http://wiki.example/a%7Bb%7D/")]
    public void The_runbooks_may_be_elsewhere(string given, string written)
    {
        var rules = Printed("--runbook-base", given);

        Assert.All(AlertCatalogue.All, rule =>
            Assert.Contains($"    runbook_url: {written}{rule.Name}.md\n", rules, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(RuleOptions.PublishedRunbooks, rules, StringComparison.Ordinal);
        Assert.StartsWith("# Printed by: openclaw-exporter rules --runbook-base=http", rules, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("wiki/runbooks")]
    [InlineData("/runbooks")]
    [InlineData("ftp://wiki.example/")]
    [InlineData("https://wiki.example/?page=")]
    [InlineData("https://wiki.example/#")]
    public void A_bad_address_of_runbooks_is_one_clear_line(string address)
    {
        var error = Assert.Single(Root().Parse(["rules", "--runbook-base", address]).Errors).Message;

        Assert.StartsWith("--runbook-base: expected an http or https address", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Flags_without_a_value_and_unknown_forms_are_errors()
    {
        Assert.NotEmpty(Root().Parse(["rules", "--selector"]).Errors);
        Assert.NotEmpty(Root().Parse(["rules", "--runbook-base"]).Errors);
        Assert.NotEmpty(Root().Parse(["rules", "--format=helm"]).Errors);
    }

    /// <summary>Matches the name of one of the exporter's metrics, or of a series recorded from one.</summary>
    [GeneratedRegex("[a-z_]*:?openclaw_network_[a-z0-9_:]+\\{?")]
    private static partial Regex OwnSeries();

    /// <summary>The expressions of rules, one after the other.</summary>
    static string Expressions(string rules) =>
        string.Join(
            '\n',
            rules
                .Split("expr: |-\n")[1..]
                .Select(static rest =>
                {
                    var lines = rest.Split('\n');
                    var indent = lines[0].Length - lines[0].TrimStart().Length;
                    var expression = lines.TakeWhile(line =>
                        line.Length > indent && string.IsNullOrWhiteSpace(line[..indent])
                    );
                    return string.Join('\n', expression);
                })
        );

    static string Printed(params string[] flags)
    {
        using var output = new StringWriter();
        Assert.Equal(0, Root().Parse(["rules", .. flags]).Invoke(new() { Output = output }));
        return $"{output}";
    }

    static RootCommand Root() =>
        ExporterCommand.Root(
            static _ => throw new NotSupportedException(),
            static (_, _) => throw new NotSupportedException()
        );
}
