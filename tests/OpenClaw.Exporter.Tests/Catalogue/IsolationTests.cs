using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>A bug in one pool or symptom removes only that pool's or symptom's own output.</summary>
public class IsolationTests
{
    [Fact]
    public async Task A_mistake_in_a_pool_or_symptom_is_said_and_everything_else_too()
    {
        using var machine = new FilledMachine();

        // No reader returns these default values: the probe's symptoms, daemon_connections and restart_pending throw on
        // them.
        var diagnosis = await machine.DiagnoseAsync(
            null,
            new FunctionReader<AllocationProbe>("allocation_probe", "", static _ => new AllocationProbe(
                default,
                default
            )),
            new FunctionReader<ServiceConfiguration>("service_configuration", "", static _ => new ServiceConfiguration(
                default,
                null
            ))
        );

        Assert.Equal(
            ["daemon_connections", "probe_duration_seconds", "probe_errors_total", "probe_success"],
            diagnosis
                .Failures.Where(static failure => failure.Why.Reason == Absence.Failed)
                .Select(static failure => failure.Name)
                .Order()
        );
        Assert.Equal(PoolCondition.Unknown, diagnosis.StateOf(PoolCatalogue.DaemonConnections).Condition);
        Assert.Equal(PoolCondition.Unknown, diagnosis.Condition);
        var exposition = Exposition.Publish(diagnosis);
        using var page = new MemoryStream();
        await exposition.Registry.CollectAndExportAsTextAsync(page, TestContext.Current.CancellationToken);
        var text = System.Text.Encoding.UTF8.GetString(page.ToArray());
        Assert.Contains(
            "openclaw_network_reader_success{reader=\"probe_success\"} 0\n",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "openclaw_network_reader_absence{reader=\"daemon_connections\",reason=\"failed\"} 1\n",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("openclaw_network_conntrack_entries{netns=\"self\"} 26\n", text, StringComparison.Ordinal);
        Assert.Equal("openclaw_network_restart_pending", Assert.Single(exposition.Mistakes).Family);
        Assert.Contains(
            "<td data-label=\"what\">Connections of a service</td>",
            new StatusPage(diagnosis).Render(),
            StringComparison.Ordinal
        );
    }

    /// <summary>
    /// The metrics library rejects a family with wrong labels. Only that family is missing, and it is missing
    /// completely.
    /// </summary>
    [Fact]
    public async Task A_family_with_wrong_labels_is_left_out_and_named()
    {
        using var machine = new FilledMachine();
        static MetricFamily Family(string name, params Sample[] samples) =>
            new("openclaw_network_" + name, MetricType.Gauge, "What is wrong.", "a test", ["one"], _ => samples);

        var exposition = Exposition.Publish(
            await machine.DiagnoseAsync(),
            [
                Family("many", new Sample(1, "a"), new Sample(2, "a", "b")),
                Family("few", new Sample(1)),
                Family("none", default(Sample)),
                Family("null", new Sample(1, (string)null!)),
                Family("bad-name", new Sample(1, "a")),
                .. MetricCatalogue.All,
            ]
        );

        Assert.Equal(
            [
                "openclaw_network_many",
                "openclaw_network_few",
                "openclaw_network_none",
                "openclaw_network_null",
                "openclaw_network_bad-name",
            ],
            exposition.Mistakes.Select(static mistake => mistake.Family)
        );
        Assert.All(exposition.Mistakes, static mistake =>
            Assert.DoesNotContain("\n", mistake.Why.Detail, StringComparison.Ordinal)
        );
        Assert.Equal(
            exposition.Mistakes.Select(static mistake => mistake.Family),
            exposition.Bugs.Select(static bug => bug.Family)
        );
        Assert.All(exposition.Families.Take(5), static family => Assert.Empty(family.Samples));
        using var page = new MemoryStream();
        await exposition.Registry.CollectAndExportAsTextAsync(page, TestContext.Current.CancellationToken);
        var text = System.Text.Encoding.UTF8.GetString(page.ToArray());
        Assert.Contains("openclaw_network_conntrack_entries{netns=\"self\"} 26\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("What is wrong.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_in_a_remedy_leaves_the_general_one()
    {
        using var machine = new FilledMachine();
        var diagnosis = await machine.DiagnoseAsync();
        var pool = PoolCatalogue.All[0] with
        {
            RemedyFor = static (_, _) => throw new InvalidOperationException("no such thing"),
        };

        var remedy = new Finding(pool, diagnosis.Findings[0].Level, PoolCondition.Ok, diagnosis.Namespaces[0]).Remedy;

        Assert.Equal(pool.Remedy, remedy.Advice);
        Assert.Contains("no such thing", remedy.Warning, StringComparison.Ordinal);
    }
}
