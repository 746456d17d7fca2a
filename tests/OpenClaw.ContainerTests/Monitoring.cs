using System.Globalization;
using System.Text;
using System.Text.Json;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Microsoft.Extensions.Logging.Abstractions;

namespace OpenClaw.ContainerTests;

/// <summary>
/// Prometheus with the shipped rules, and Alertmanager, in containers beside a sidecar. Intervals are shorter than in
/// production.
/// </summary>
sealed class Monitoring : IAsyncDisposable
{
    const int PrometheusPort = 9090;
    const int AlertmanagerPort = 9093;
    const int GrafanaPort = 3000;
    const string Rules = "/etc/prometheus/rules.yml";

    static readonly TimeSpan ScrapeTimeout = TimeSpan.FromSeconds(30);

    readonly IContainer _alertmanager;
    readonly IContainer _prometheus;
    readonly HttpClient _client = new();

    Monitoring(Sidecar sidecar)
    {
        _alertmanager = new ContainerBuilder(ImageNames.Alertmanager)
            .WithLogger(NullLogger.Instance)
            .WithNetwork(sidecar.Network)
            .WithNetworkAliases("alertmanager")
            .WithResourceMapping(
                Encoding.UTF8.GetBytes(
                    $"""
                    route:
                      receiver: page
                      group_by: ['...']
                      group_wait: 0s
                      group_interval: 1s
                      repeat_interval: 1h
                    receivers:
                      - name: page
                        webhook_configs:
                          - url: http://{Sidecar.OtherAlias}:{Sidecar.WorkloadPort}/pages
                            send_resolved: true
                    """
                ),
                "/etc/alertmanager/alertmanager.yml"
            )
            .WithPortBinding(AlertmanagerPort, assignRandomHostPort: true)
            .WithWaitStrategy(Ready(AlertmanagerPort))
            .Build();
        _prometheus = new ContainerBuilder(ImageNames.Prometheus)
            .WithLogger(NullLogger.Instance)
            .WithNetwork(sidecar.Network)
            .WithResourceMapping(
                Encoding.UTF8.GetBytes(
                    $"""
                    global:
                      scrape_interval: 1s
                      evaluation_interval: 1s
                    rule_files: [{Rules}]
                    alerting:
                      alertmanagers:
                        - static_configs:
                            - targets: ['alertmanager:{AlertmanagerPort}']
                    scrape_configs:
                      - job_name: openclaw-exporter
                        static_configs:
                          - targets: ['{Sidecar.Alias}:{Sidecar.ExporterPort}']
                    """
                ),
                "/etc/prometheus/prometheus.yml"
            )
            .WithResourceMapping(Encoding.UTF8.GetBytes(Repository.Rules), Rules)
            .WithPortBinding(PrometheusPort, assignRandomHostPort: true)
            .WithPortBinding(GrafanaPort, assignRandomHostPort: true)
            .WithWaitStrategy(Ready(PrometheusPort))
            .Build();
    }

    /// <summary>The container of Prometheus; another container may share its network.</summary>
    public string Prometheus => _prometheus.Id;

    /// <summary>The address, from outside, of a Grafana in that network.</summary>
    public Uri Grafana => new($"http://{_prometheus.Hostname}:{_prometheus.GetMappedPublicPort(GrafanaPort)}/");

    /// <summary>Starts both and waits until Prometheus has scraped the exporter.</summary>
    public static async Task<Monitoring> StartAsync(Sidecar sidecar)
    {
        var monitoring = new Monitoring(sidecar);
        try
        {
            await Task.WhenAll(
                monitoring._alertmanager.StartAsync(TestContext.Current.CancellationToken),
                monitoring._prometheus.StartAsync(TestContext.Current.CancellationToken)
            );
            await monitoring.WaitForScrapesAsync(succeeding: true);
            return monitoring;
        }
        catch
        {
            await monitoring.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until Prometheus reaches the exporter, or no longer reaches it.</summary>
    public Task WaitForScrapesAsync(bool succeeding) =>
        Polling.UntilAsync(
            $"Prometheus {(succeeding ? "reaches" : "misses")} the exporter",
            async () => await ValueAsync("up") == (succeeding ? 1 : 0),
            ScrapeTimeout
        );

    /// <summary>Loads rules that resolve a page about a full pool sooner; firing alerts keep firing.</summary>
    public async Task EndPagesSoonAsync()
    {
        await _prometheus.CopyAsync(
            Encoding.UTF8.GetBytes(Repository.QuickRules),
            Rules,
            ct: TestContext.Current.CancellationToken
        );
        await ContainerEngine.ReloadAsync(_prometheus);
    }

    /// <summary>The present value of a query with at most one series; null without a series.</summary>
    public async Task<double?> ValueAsync(string query)
    {
        var address =
            $"http://{_prometheus.Hostname}:{_prometheus.GetMappedPublicPort(PrometheusPort)}"
            + $"/api/v1/query?query={Uri.EscapeDataString(query)}";
        using var answer = JsonDocument.Parse(
            await _client.GetStringAsync(new Uri(address), TestContext.Current.CancellationToken)
        );
        var series = answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().ToArray();
        return series.Length == 0
            ? null
            : double.Parse(series.Single().GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _prometheus.DisposeAsync();
        await _alertmanager.DisposeAsync();
    }

    static DotNet.Testcontainers.Configurations.IWaitForContainerOS Ready(ushort port) =>
        Wait.ForUnixContainer().UntilHttpRequestIsSucceeded(request => request.ForPort(port).ForPath("/-/ready"));
}
