using System.Text.Json;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.KernelTests;

/// <summary>The shipped rules, as Prometheus' own tool judges them.</summary>
public class AlertRuleTests
{
    static readonly string Rules = Repository.PathOf("alerts/openclaw-network.rules.yml");

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Repository.PathOf("alerts/tests"), "*.test.yml").Select(static file => "alerts/tests/" + Path.GetFileName(file))];

    public static TheoryData<string> Pools => [.. PoolCatalogue.All.Select(static pool => pool.Name)];

    [Fact]
    public Task Promtool_finds_no_fault_with_them() => Promtool("check", "rules", "--lint=all", "--lint-fatal", Rules);

    [Theory]
    [MemberData(nameof(Files))]
    public Task They_fire_when_they_should_and_only_then(string file) => Promtool("test", "rules", Repository.PathOf(file));

    [Theory]
    [MemberData(nameof(Pools))]
    public async Task Each_pool_is_named_with_its_code_and_remedy(string name)
    {
        var pool = PoolCatalogue.All.Single(pool => pool.Name == name);
        using var folder = new TemporaryFolder();

        await Promtool("test", "rules", folder.Write("test.json", RuleTest(pool)));
    }

    /// <summary>A promtool test, in the YAML that is JSON: the pool at its critical ratio, and what the page then says.</summary>
    static string RuleTest(Pool pool)
    {
        var isNamespaced = pool.Scope == PoolScope.NetworkNamespace;
        var netns = isNamespaced ? "self" : "";
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
        var series = $"openclaw_network_pool_exceeded_ratio{{job=\"exporter\",instance=\"a:10087\",pool=\"{pool.Name}\",netns=\"{netns}\",subject=\"somebody\",code=\"{pool.Code}\",severity=\"critical\"}}";
        return JsonSerializer.Serialize(new
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
                                        summary = $"{pool.Name.Replace('_', ' ')} 100% used for somebody on a:10087",
                                        description = $"The pool {pool.Name} {(isNamespaced ? "in the exporter's own network namespace" : "on the whole machine")}"
                                            + " is at or above its critical threshold. Whoever needs more of it fails now or soon;"
                                            + $" OpenClaw reports that as {pool.Code}.",
                                        remedy = pool.Remedy,
                                        runbook_url = "https://github.com/openclaw/OpenClaw.Exporter/blob/main/alerts/runbooks/OpenClawPoolCritical.md",
                                    },
                                },
                            },
                        },
                    },
                },
            },
        });
    }

    static Task Promtool(params string[] arguments) => InstalledProgram.SucceedsAsync(InstalledProgram.Find("promtool"), "", arguments);
}
