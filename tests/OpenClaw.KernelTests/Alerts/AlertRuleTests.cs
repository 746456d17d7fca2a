using System.Diagnostics;
using System.Text.Json;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.KernelTests;

/// <summary>Tests the shipped rules with promtool.</summary>
public class AlertRuleTests
{
    const string Selector = "--selector=job=\"exporter\",cluster=~\"a|c\"";

    static readonly string Rules = Repository.PathOf("alerts/openclaw-network.rules.yml");

    public static TheoryData<string> Files =>
        [
            .. Directory
                .GetFiles(Repository.PathOf("alerts/tests"), "*.test.yml")
                .Select(static file => "alerts/tests/" + Path.GetFileName(file)),
        ];

    public static TheoryData<string> Pools => [.. PoolCatalogue.All.Select(static pool => pool.Name)];

    [Fact]
    public Task Promtool_finds_no_fault_with_them() => Promtool("check", "rules", "--lint=all", "--lint-fatal", Rules);

    /// <summary>promtool checks the spec of a PrometheusRule.</summary>
    [Theory]
    [InlineData]
    [InlineData(Selector)]
    [InlineData("--format=prometheusrule")]
    [InlineData("--format=prometheusrule", Selector, "--runbook-base=https://wiki.example/runbooks")]
    public async Task Promtool_finds_no_fault_with_those_that_the_binary_prints(params string[] flags)
    {
        using var folder = new TemporaryFolder();

        var rules = (await PrintedAsync(flags)).Split("\nspec:\n")[^1];

        var isForOperator = rules.StartsWith("  ", StringComparison.Ordinal);
        var spec = string.Join(
            '\n',
            rules.Split('\n').Select(line => isForOperator && line.Length > 0 ? line[2..] : line)
        );
        await Promtool("check", "rules", "--lint=all", "--lint-fatal", folder.Write("rules.yml", spec));
    }

    [Fact]
    public async Task With_a_selector_they_fire_for_its_series_and_for_no_other()
    {
        using var folder = new TemporaryFolder();
        var rules = folder.Write("rules.yml", await PrintedAsync(Selector));

        // Another cluster has the same instances. None of its alerts may fire, and its series may not hide those that
        // do.
        await Promtool(
            "test",
            "rules",
            folder.Write(
                "test.yml",
                $$"""
                rule_files: ['{{rules}}']
                evaluation_interval: 15s
                tests:
                  - interval: 15s
                    input_series:
                      - {series: 'openclaw_network_pool_exceeded_ratio{{{LabelsOf(
                    "a"
                )}}, pool="conntrack_entries", severity="critical"}', values: '1x80'}
                      - {series: 'openclaw_network_pool_exceeded_ratio{{{LabelsOf(
                    "b"
                )}}, pool="tcp_memory_bytes", severity="critical"}', values: '1x80'}
                      - {series: 'openclaw_network_failing_seconds{{{LabelsOf("b")}}, alarm="tcp_aborts"}', values: '300x80'}
                      - {series: 'openclaw_network_exporter_build_info{{{LabelsOf("a")}}}', values: '1x20 stale'}
                      - {series: 'openclaw_network_exporter_build_info{{{LabelsOf("b")}}}', values: '1x80'}
                    promql_expr_test:
                      - expr: count by (alertname, cluster, job) (ALERTS{alertstate="firing"})
                        eval_time: 19m
                        exp_samples:
                          - {labels: '{alertname="OpenClawPoolCritical", cluster="a", job="exporter"}', value: 1}
                          - {labels: '{alertname="OpenClawPoolWarning", cluster="a", job="exporter"}', value: 1}
                          - {labels: '{alertname="OpenClawExporterFailing", job="exporter"}', value: 1}
                """
            )
        );

        static string LabelsOf(string cluster) => $"job=\"exporter\", cluster=\"{cluster}\", instance=\"one\"";
    }

    [Theory]
    [MemberData(nameof(Files))]
    public Task They_fire_when_they_should_and_only_then(string file) =>
        Promtool("test", "rules", Repository.PathOf(file));

    [Theory]
    [MemberData(nameof(Pools))]
    public async Task Each_pool_is_named_with_its_code_and_remedy(string name)
    {
        var pool = PoolCatalogue.All.Single(pool => pool.Name == name);
        using var folder = new TemporaryFolder();

        await Promtool("test", "rules", folder.Write("test.json", RuleTest(pool)));
    }

    /// <summary>
    /// Renders a promtool test in the YAML that is also JSON: the pool at its critical ratio, with the expected alert.
    /// </summary>
    static string RuleTest(Pool pool)
    {
        var isNamespaced = pool.Scope == PoolScope.NetworkNamespace;
        var netns = isNamespaced ? "pod-7" : "";
        var labels = new Dictionary<string, string>
        {
            ["severity"] = "critical",
            ["code"] = pool.Code,
            ["pool"] = pool.Name,
            ["subject"] = "somebody",
            ["job"] = "exporter",
            ["instance"] = "a:10087",
        };
        if (isNamespaced)
            labels.Add("netns", netns);
        var series =
            $"openclaw_network_pool_exceeded_ratio{{job=\"exporter\",instance=\"a:10087\",pool=\"{pool.Name}\","
            + $"netns=\"{netns}\",subject=\"somebody\",code=\"{pool.Code}\",severity=\"critical\"}}";
        var place = isNamespaced ? "in network namespace pod-7" : "on the whole machine";
        return JsonSerializer.Serialize(
            new
            {
                rule_files = new[] { Rules },
                evaluation_interval = "15s",
                tests = new[]
                {
                    new
                    {
                        interval = "15s",
                        input_series = new[] { new { series, values = "1x4" } },
                        alert_rule_test = new[]
                        {
                            new
                            {
                                alertname = "OpenClawPoolCritical",
                                eval_time = "30s",
                                exp_alerts = new[]
                                {
                                    new
                                    {
                                        exp_labels = labels,
                                        exp_annotations = new
                                        {
                                            summary = $"{pool.Name.Replace('_', ' ')} 100% used for somebody"
                                                + (isNamespaced ? $" {place} on a:10087" : " on a:10087"),
                                            description = $"The pool {pool.Name} {place}"
                                                + " is at or above its critical threshold. Calls that need more of "
                                                + "it fail now or soon."
                                                + $" OpenClaw reports that as {pool.Code}.",
                                            remedy = pool.Remedy,
                                            runbook_url = "https://github.com/openclaw/OpenClaw.Exporter/blob/main/"
                                                + "alerts/runbooks/OpenClawPoolCritical.md",
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            }
        );
    }

    /// <summary>The output of the published binary.</summary>
    static async Task<string> PrintedAsync(params string[] flags)
    {
        var start = new ProcessStartInfo(Repository.PublishedExporter, ["rules", .. flags])
        {
            RedirectStandardOutput = true,
        };
        using var process = ChildProcess.Start(start);
        var printed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return printed;
    }

    static Task Promtool(params string[] arguments) =>
        InstalledProgram.SucceedsAsync(InstalledProgram.Find("promtool"), "", arguments);
}
