using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Metrics;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// Checks the rules of Grafana's dashboard linter that need no PromQL parser, and some stricter ones where noted.
/// </summary>
public partial class DashboardTests
{
    const string Prefix = "openclaw_network_";
    const string Source = "$datasource";

    /// <summary>The units in use, by Grafana's ids; the linter's list has all of them.</summary>
    static readonly string[] Units = ["none", "locale", "percentunit", "s", "bytes", "cps", "pps"];

    /// <summary>The series that Prometheus itself creates for every target and rule.</summary>
    static readonly FrozenSet<string> OfPrometheus =
    [
        "up",
        "scrape_duration_seconds",
        "scrape_samples_scraped",
        "scrape_series_added",
        "ALERTS",
    ];

    /// <summary>
    /// The Gateway's own metrics (its plugin diagnostics-prometheus). They have another job and port than the exporter
    /// on the same host.
    /// </summary>
    static readonly FrozenSet<string> OfGateway =
    [
        "openclaw_gateway_build_info",
        "openclaw_gateway_rpc_first_response_seconds_bucket",
        "openclaw_gateway_rpc_outcomes_total",
        "openclaw_gateway_rpc_queue_wait_seconds_bucket",
    ];

    static readonly FrozenDictionary<string, MetricFamily> Families = MetricCatalogue.All.ToFrozenDictionary(
        static family => family.Name
    );

    /// <summary>
    /// Words of an expression that are not metrics. Functions and aggregations are recognised by their parenthesis.
    /// </summary>
    static readonly FrozenSet<string> Words = ["and", "or", "unless", "bool", "offset"];

    const string WasThere =
        """last_over_time(openclaw_network_exporter_build_info{job=~"$job", instance=~"$instance"}[1h])""";

    /// <summary>Selects the Gateways on the hosts of the chosen exporters.</summary>
    const string OnTheHost =
        """and on (host) label_replace(openclaw_network_exporter_build_info{job=~"$job", instance=~"$instance"}, """
        + "\"host\", ";

    public static TheoryData<string> Names => [.. Dashboard.All.Keys];

    [Fact]
    public void There_are_these() =>
        Assert.Equal(
            ["openclaw-exporter", "openclaw-fleet", "openclaw-host", "openclaw-namespaces"],
            Dashboard.All.Keys
        );

    [Theory, MemberData(nameof(Names))]
    public void It_is_importable_and_not_edited_in_place(string name)
    {
        var dashboard = Dashboard.All[name];
        Assert.Equal(name, dashboard.Uid);
        Assert.Equal(39, dashboard.Json.GetProperty("schemaVersion").GetInt32());
        Assert.False(dashboard.Json.GetProperty("editable").GetBoolean());
        Assert.NotEmpty(Text(dashboard.Json, "title"));
        Assert.NotEmpty(Text(dashboard.Json, "description"));

        // The id belongs to one Grafana's database. Inputs are filled in only by an import on the web page, not by
        // provisioning.
        Assert.False(dashboard.Json.TryGetProperty("id", out _));
        Assert.False(dashboard.Json.TryGetProperty("__inputs", out _));
    }

    [Theory, MemberData(nameof(Names))]
    public void It_has_the_variables_of_every_Prometheus_dashboard(string name)
    {
        var variables = Dashboard.All[name].Variables.ToDictionary(static variable => Text(variable, "name"));
        Assert.Equal(
            ("datasource", "prometheus", "Data source"),
            (
                Text(variables["datasource"], "type"),
                Text(variables["datasource"], "query"),
                Text(variables["datasource"], "label")
            )
        );
        foreach (var (key, label) in new[] { ("job", "Job"), ("instance", "Instance") })
        {
            Assert.Equal((label, ".+"), (Text(variables[key], "label"), Text(variables[key], "allValue")));
            Assert.True(variables[key].GetProperty("multi").GetBoolean());
        }

        foreach (var variable in variables.Values.Where(static variable => Text(variable, "type") == "query"))
        {
            Assert.Equal(Source, Text(variable.GetProperty("datasource"), "uid"));
            Assert.Equal(2, variable.GetProperty("refresh").GetInt32());
            var query = LabelValues().Match(Text(variable.GetProperty("query"), "query"));
            Assert.True(query.Success, $"{variable}: expected label_values(selector, label)");
            Assert.Equal(Text(variable, "definition"), query.Value);
            Assert.Contains(query.Groups["metric"].Value, Families.Keys);
        }
    }

    /// <summary>Stricter than the linter, which checks only some types of panels.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Every_panel_is_titled_described_has_a_unit_and_asks_the_chosen_source(string name)
    {
        foreach (var panel in Dashboard.All[name].Panels)
        {
            Assert.True(Text(panel, "title").Length > 0, $"{panel}: expected a title");
            Assert.True(
                Text(panel, "description").Length > 20,
                $"{name} / {Text(panel, "title")}: expected a description"
            );
            Assert.Equal(Source, Text(panel.GetProperty("datasource"), "uid"));
            Assert.Contains(Text(panel.GetProperty("fieldConfig").GetProperty("defaults"), "unit"), Units);
            foreach (
                var unit in panel
                    .GetProperty("fieldConfig")
                    .GetProperty("overrides")
                    .EnumerateArray()
                    .SelectMany(static rule => rule.GetProperty("properties").EnumerateArray())
                    .Where(static property => Text(property, "id") == "unit")
            )
            {
                Assert.Contains(Text(unit, "value"), Units.Append("dateTimeFromNow"));
            }

            var targets = panel.GetProperty("targets").EnumerateArray().ToList();
            Assert.NotEmpty(targets);
            Assert.All(targets, static target => Assert.Equal(Source, Text(target.GetProperty("datasource"), "uid")));
            Assert.Distinct(targets.Select(static target => Text(target, "refId")));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Panels_have_their_own_ids_titles_and_places(string name)
    {
        var panels = Dashboard.All[name].PanelsAndRows.ToList();
        Assert.Distinct(panels.Select(static panel => panel.GetProperty("id").GetInt32()));
        Assert.Distinct(panels.Select(static panel => Text(panel, "title")));
        var taken = new Dictionary<(int, int), string>();
        foreach (var panel in panels)
        {
            var place = panel.GetProperty("gridPos");
            int x = place.GetProperty("x").GetInt32(),
                y = place.GetProperty("y").GetInt32(),
                width = place.GetProperty("w").GetInt32();
            Assert.InRange(x + width, 1, 24);
            for (var cell = 0; cell < width * place.GetProperty("h").GetInt32(); cell++)
            {
                Assert.True(
                    taken.TryAdd((x + cell % width, y + cell / width), Text(panel, "title")),
                    $"{name}: {Text(panel, "title")} covers "
                        + $"{taken.GetValueOrDefault((x + cell % width, y + cell / width))}"
                );
            }
        }
    }

    /// <summary>A wrong metric name leaves a panel empty, and nobody notices.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Every_selector_names_a_metric_of_the_exporter_and_the_chosen_machines(string name)
    {
        foreach (var query in Dashboard.All[name].Queries.Concat(Dashboard.All[name].Annotations))
        {
            var selectors = Selectors(query);
            Assert.NotEmpty(selectors);
            foreach (var (metric, matchers) in selectors)
            {
                if (OfGateway.Contains(metric))
                {
                    Assert.Contains(OnTheHost, query.Expression, StringComparison.Ordinal);
                    continue;
                }

                Assert.True(
                    Families.ContainsKey(metric) || OfPrometheus.Contains(metric),
                    $"{query.Place}: expected a metric of the reference, not {metric}"
                );
                Assert.True(
                    matchers.Count(static matcher => matcher == "job=~\"$job\"") == 1,
                    $"{query.Place}: expected job=~\"$job\" in {metric}"
                );
                Assert.True(
                    matchers.Count(static matcher => matcher == "instance=~\"$instance\"") == 1,
                    $"{query.Place}: expected instance=~\"$instance\" in {metric}"
                );
                if (Families.TryGetValue(metric, out var family))
                {
                    Assert.Empty(
                        matchers
                            .Select(static matcher => matcher[..matcher.IndexOfAny(['=', '!'])])
                            .Except([.. family.Labels, "job", "instance"])
                    );
                }
            }
        }
    }

    /// <summary>Checks counters with matchers as well, which the linter does not see.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Counters_are_rated_over_the_interval_that_fits(string name)
    {
        foreach (var query in Dashboard.All[name].Queries)
        {
            // The jobs of exporters come from the last hour, so that a target that is down still counts.
            // The starts of a Gateway within an hour are counted in an hour.
            var expression = query
                .Expression.Replace(WasThere, "", StringComparison.Ordinal)
                .Replace("openclaw_gateway_build_info{process_instance_id!=\"\"}[1h]", "", StringComparison.Ordinal);
            foreach (Match range in Ranges().Matches(expression))
                Assert.Equal("$__rate_interval", range.Groups[1].Value);
            Assert.Equal(Ranges().Count(expression), Rated().Count(expression));
            foreach (Match rated in Rated().Matches(query.Expression))
                Assert.True(IsCounter(rated.Groups[1].Value), $"{query.Place}: expected a counter in rate()");
            var counters = Selectors(query).Count(static selector => IsCounter(selector.Metric));
            Assert.True(
                counters == Rated().Count(query.Expression),
                $"{query.Place}: expected every counter in rate()"
            );
        }
    }

    static bool IsCounter(string metric) =>
        Families.TryGetValue(metric, out var family)
            ? family.Type == MetricType.Counter
            : OfGateway.Contains(metric)
                && (
                    metric.EndsWith("_total", StringComparison.Ordinal)
                    || metric.EndsWith("_bucket", StringComparison.Ordinal)
                );

    [Theory, MemberData(nameof(Names))]
    public void Its_links_lead_to_dashboards_that_there_are(string name)
    {
        var dashboard = Dashboard.All[name];
        var variables = dashboard.Variables.Select(static variable => Text(variable, "name")).ToHashSet();
        var text = dashboard.Json.GetRawText();
        var linked = LinkedDashboard().Matches(text).Select(static match => match.Groups[1].Value).ToHashSet();
        Assert.Empty(linked.Except(Dashboard.All.Keys));
        Assert.Equal(
            Dashboard.All.Keys.Where(other => other != name),
            dashboard
                .Json.GetProperty("links")
                .EnumerateArray()
                .Select(static link => LinkedDashboard().Match(Text(link, "url")).Groups[1].Value)
                .Where(static uid => uid.Length > 0)
                .Order(StringComparer.Ordinal)
        );
        foreach (Match passed in PassedVariable().Matches(text))
            Assert.Contains(passed.Groups[1].Value, variables);
    }

    /// <summary>
    /// "All" jobs are those of exporters, so queries for series that every target has are restricted to them.
    /// </summary>
    [Theory, MemberData(nameof(Names))]
    public void Series_of_every_target_are_restricted_to_exporters(string name) =>
        Assert.All(
            Dashboard.All[name].Queries.Where(static query => TargetSeries().IsMatch(query.Expression)),
            static query => Assert.Contains(" and on (job", query.Expression, StringComparison.Ordinal)
        );

    /// <summary>Every place that shows a machine links to its status page.</summary>
    [Theory]
    [InlineData("openclaw-host")]
    [InlineData("openclaw-namespaces")]
    [InlineData("openclaw-fleet")]
    public void A_machine_leads_to_its_status_page(string name) =>
        Assert.Matches(@"""\$\{scheme\}://\$\{(instance|__value\.text)\}/""", Dashboard.All[name].Json.GetRawText());

    /// <summary>
    /// Every metric is on some dashboard or in an alert. Metrics of single pools appear through their common ratio.
    /// </summary>
    [Fact]
    public void Every_family_beside_those_of_pools_is_shown_somewhere()
    {
        var shown = Dashboard
            .All.Values.SelectMany(static dashboard => dashboard.Queries.Concat(dashboard.Annotations))
            .SelectMany(Selectors)
            .Select(static selector => selector.Metric);
        var ofPools = PoolCatalogue.All.SelectMany(static pool =>
            new[] { Prefix + pool.Name, $"{Prefix}{pool.Name}_limit" }
        );

        // Metrics for alerts appear as alerts. pool_info serves joins and a dashboard's list of pools.
        var rules = File.ReadAllText(Repository.PathOf("alerts/openclaw-network.rules.yml"));
        Assert.DoesNotContain(Families.Keys.Except(shown).Except(ofPools).Except([Prefix + "pool_info"]), family =>
            !rules.Contains(family, StringComparison.Ordinal)
        );
    }

    /// <summary>The exporter's own thresholds colour the panels, and the alerts use them too.</summary>
    [Theory]
    [InlineData("openclaw-host")]
    [InlineData("openclaw-namespaces")]
    [InlineData("openclaw-fleet")]
    public void Pools_are_judged_by_the_thresholds_of_the_exporter(string name)
    {
        foreach (
            var query in Dashboard
                .All[name]
                .Queries.Where(static query => query.Expression.Contains(">= bool ignoring", StringComparison.Ordinal))
        )
        {
            Assert.Contains($"{Prefix}pool_threshold_ratio", query.Expression, StringComparison.Ordinal);
        }

        Assert.Contains(Dashboard.All[name].Queries, static query =>
            query.Expression.Contains($"{Prefix}pool_threshold_ratio", StringComparison.Ordinal)
        );
    }

    /// <summary>
    /// The selectors of an expression. Fails at a name that is neither a selector nor a function, a keyword or a label
    /// in a list.
    /// </summary>
    static List<(string Metric, List<string> Matchers)> Selectors(DashboardQuery query)
    {
        var selectors = new List<(string, List<string>)>();
        var rest = Selector()
            .Replace(query.Expression, match =>
            {
                selectors.Add((match.Groups["metric"].Value, [.. match.Groups["matchers"].Value.Split(", ")]));
                return "1";
            });
        rest = LabelList().Replace(Quoted().Replace(Ranges().Replace(rest, ""), ""), "");
        foreach (Match word in BareName().Matches(rest))
        {
            Assert.True(
                Words.Contains(word.Value),
                $"{query.Place}: expected a selector with job and instance, not {word.Value}"
            );
        }

        return selectors;
    }

    static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) ? value.GetString()! : "";

    [GeneratedRegex(@"^label_values\((?<metric>\w+)(\{.*\})?, \w+\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"(?<metric>[a-zA-Z_:][\w:]*)\{(?<matchers>[^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex LabelList();

    [GeneratedRegex(@"\b[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex BareName();

    [GeneratedRegex(@"\b(up|scrape_\w+)\{")]
    private static partial Regex TargetSeries();

    [GeneratedRegex(@"\[([^\]]*)\]")]
    private static partial Regex Ranges();

    [GeneratedRegex(@"\brate\((\w+)\{[^}]*\}\[")]
    private static partial Regex Rated();

    [GeneratedRegex(@"/d/([a-z-]+)")]
    private static partial Regex LinkedDashboard();

    [GeneratedRegex(@"\$\{([a-z]+):queryparam\}")]
    private static partial Regex PassedVariable();
}
