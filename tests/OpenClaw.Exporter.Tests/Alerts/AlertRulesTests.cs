using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Probe;

namespace OpenClaw.Exporter.Tests;

public class AlertRulesTests
{
    [Fact]
    public void The_committed_tests_of_failures_are_the_rendered_ones() =>
        GeneratedFile.AssertCurrent(FailureAlertCases.Path, FailureAlertCases.Render());

    [Fact]
    public void Each_failure_that_means_something_has_its_alert()
    {
        var symptoms = SymptomCatalogue
            .All.Where(static symptom => symptom.Name != "clw_errors_total")
            .Select(static symptom => symptom.Alert?.Name);
        var kinds = Enum.GetValues<KernelLogKind>().Select(static kind => Alert.OfKernelLog(kind)?.Name);
        Assert.Equal(
            symptoms.Concat(kinds).OfType<string>().Distinct().Order(),
            FailureRules.Alerts.Select(static alert => alert.Name).Order()
        );
        Assert.All(Enum.GetValues<ProbeOperation>(), static operation =>
            Assert.Equal(SnakeCase.Convert(operation) + "_refused", Alert.OfProbe(operation).Name)
        );
    }

    public static TheoryData<string> Alerts => [.. AlertCatalogue.All.Select(static alert => alert.Name)];

    /// <summary>
    /// promtool runs the cases in tests/run. This test finds, for each alert, a case in which it fires.
    /// </summary>
    [Theory]
    [MemberData(nameof(Alerts))]
    public void Each_alert_is_seen_firing(string name) =>
        Assert.Contains(
            $"ALERTS{{alertname=\"{name}\", alertstate=\"firing\", severity=",
            CasesOf("*"),
            StringComparison.Ordinal
        );

    /// <summary>The cases that must stay silent exist in the file of each kind of alert.</summary>
    [Theory]
    [InlineData(
        "pools-and-exporter",
        "just below",
        "one scrape",
        "restart",
        "not read any more",
        "without a limit",
        "back and forth",
        "one lost"
    )]
    [InlineData("imminence", "more slowly", "one scrape", "restart", "missing", "no limit", "step")]
    [InlineData("creep", "slower", "one scrape", "restart", "missing", "no limit", "rhythm")]
    [InlineData("failures", "just below", "one scrape", "starts again", "never read", "is lost")]
    [InlineData("refusals", "once in more than", "refused once", "restart", "no result", "one is lost")]
    [InlineData("drift", "59 minutes", "one scrape", "restart", "no longer read")]
    [InlineData("recovery", "never fires without its cause")]
    public void Each_kind_of_case_is_there(string file, params string[] kinds)
    {
        var names = string.Join(
            '\n',
            CasesOf(file).Split('\n').Where(static line => line.StartsWith("  - name:", StringComparison.Ordinal))
        );
        Assert.All(kinds, kind => Assert.Contains(kind, names, StringComparison.Ordinal));
    }

    static string CasesOf(string file) =>
        string.Concat(
            Directory.GetFiles(Repository.PathOf("alerts/tests"), file + ".test.yml").Select(File.ReadAllText)
        );
}
