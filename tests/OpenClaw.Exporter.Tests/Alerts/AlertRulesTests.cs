using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Pools;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.Exporter.Tests.Alerts;

public class AlertRulesTests
{
    [Fact]
    public void The_committed_rules_are_the_rendered_ones() => GeneratedFile.AssertCurrent(AlertRules.Path, AlertRules.Render());

    [Fact]
    public void The_committed_tests_of_failures_are_the_rendered_ones() => GeneratedFile.AssertCurrent(FailureAlertCases.Path, FailureAlertCases.Render());

    [Fact]
    public void The_committed_configuration_of_the_Alertmanager_is_the_rendered_one() =>
        GeneratedFile.AssertCurrent(AlertmanagerConfiguration.Path, AlertmanagerConfiguration.Render());

    [Fact]
    public void Each_failure_that_means_something_has_its_alert()
    {
        var counters = SymptomCatalogue.All.Where(static symptom =>
            symptom.IsCounter && symptom.Name != "clw_errors_total" && symptom.Alarm([.. symptom.Labels.Select(static _ => "")]) is not null);
        Assert.Equal(counters.Select(static symptom => symptom.Name).Order(), FailureAlert.All.SelectMany(static failure => failure.Counters).Select(static symptom => symptom.Name).Order());

        var kinds = Enum.GetValues<KernelLogKind>().Select(static kind => SnakeCase.Of(kind)).Where(static kind => Alarm.OfKernelLog([kind]) is not null);
        Assert.Equal(kinds.Order(), FailureAlert.All.SelectMany(static failure => failure.KernelLogKinds).Order());
    }
}
