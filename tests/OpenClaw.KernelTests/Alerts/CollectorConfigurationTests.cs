using YamlDotNet.RepresentationModel;

namespace OpenClaw.KernelTests;

/// <summary>Tests the configuration for the OpenTelemetry Collector, as far as possible without a Collector.</summary>
public class CollectorConfigurationTests
{
    const string Path = "deploy/otel-collector/collector.yaml";

    /// <summary>The keys of the used components, from the documentation of the Collector and its components.</summary>
    static readonly Dictionary<string, string[]> Known = new()
    {
        [""] = ["receivers", "processors", "exporters", "extensions", "connectors", "service"],
        ["receivers.prometheus"] =
        [
            "config",
            "target_allocator",
            "report_extra_scrape_metrics",
            "trim_metric_suffixes",
        ],
        ["processors.memory_limiter"] =
        [
            "check_interval",
            "limit_mib",
            "spike_limit_mib",
            "limit_percentage",
            "spike_limit_percentage",
        ],
        ["processors.batch"] =
        [
            "timeout",
            "send_batch_size",
            "send_batch_max_size",
            "metadata_keys",
            "metadata_cardinality_limit",
        ],
        ["exporters.otlphttp"] =
        [
            "endpoint",
            "metrics_endpoint",
            "compression",
            "encoding",
            "headers",
            "tls",
            "timeout",
            "sending_queue",
            "retry_on_failure",
            "auth",
        ],
        ["exporters.otlphttp.sending_queue"] =
        [
            "enabled",
            "num_consumers",
            "queue_size",
            "sizer",
            "block_on_overflow",
            "storage",
        ],
        ["exporters.otlphttp.retry_on_failure"] =
        [
            "enabled",
            "initial_interval",
            "max_interval",
            "max_elapsed_time",
            "multiplier",
        ],
        ["service"] = ["pipelines", "telemetry", "extensions"],
        ["service.pipelines"] = ["metrics", "logs", "traces"],
        ["service.pipelines.metrics"] = ["receivers", "processors", "exporters"],
    };

    [Fact]
    public void It_has_only_keys_that_the_Collector_knows()
    {
        var root = Load();

        foreach (var (path, keys) in Known)
            Assert.All(Keys(At(root, path)), key => Assert.Contains(key, keys));
        Assert.Equal(
            Known
                .Keys.Where(static path =>
                    path.Split('.').Length == 2 && !path.StartsWith("service", StringComparison.Ordinal)
                )
                .Order(),
            ((string[])["receivers", "processors", "exporters"])
                .SelectMany(kind => Keys(At(root, kind)).Select(name => $"{kind}.{name}"))
                .Order()
        );
    }

    /// <summary>
    /// Every defined component is used, and every used component is defined; the Collector refuses to start otherwise.
    /// </summary>
    [Fact]
    public void Its_pipeline_joins_all_that_it_defines()
    {
        var root = Load();

        foreach (var kind in (string[])["receivers", "processors", "exporters"])
        {
            var used = ((YamlSequenceNode)At(root, $"service.pipelines.metrics.{kind}")).Select(static node =>
                ((YamlScalarNode)node).Value
            );
            Assert.Equal(Keys(At(root, kind)).Order(), used.Order());
        }
    }

    [Fact]
    public async Task Prometheus_understands_what_is_scraped()
    {
        var promtool = InstalledProgram.Find("promtool");
        using var folder = new TemporaryFolder();
        var writer = new StringWriter();
        new YamlStream(new YamlDocument(At(Load(), "receivers.prometheus.config"))).Save(writer, assignAnchors: false);

        await InstalledProgram.SucceedsAsync(
            promtool,
            "",
            "check",
            "config",
            folder.Write("prometheus.yml", writer.ToString())
        );
    }

    /// <summary>
    /// Loads the file with its environment variables replaced, as the Collector does before it parses.
    /// </summary>
    static YamlNode Load()
    {
        var text = File.ReadAllText(Repository.PathOf(Path))
            .Replace("${env:OPENCLAW_TARGET}", "127.0.0.1:10087", StringComparison.Ordinal)
            .Replace("${env:OTEL_EXPORTER_OTLP_ENDPOINT}", "https://otlp.example.com", StringComparison.Ordinal);
        Assert.DoesNotContain("$", text, StringComparison.Ordinal);
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return Assert.Single(stream.Documents).RootNode;
    }

    static YamlNode At(YamlNode root, string path) =>
        path.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate(root, static (node, key) => node[key]);

    static IEnumerable<string> Keys(YamlNode node) =>
        ((YamlMappingNode)node).Children.Keys.Select(static key => ((YamlScalarNode)key).Value!);
}
