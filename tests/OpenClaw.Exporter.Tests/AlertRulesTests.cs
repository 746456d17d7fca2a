namespace OpenClaw.Exporter.Tests;

public class AlertRulesTests
{
    [Fact]
    public void The_committed_rules_are_the_rendered_ones() => GeneratedFile.AssertCurrent(AlertRules.Path, AlertRules.Render());
}
