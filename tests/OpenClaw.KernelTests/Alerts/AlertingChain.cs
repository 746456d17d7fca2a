using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;

namespace OpenClaw.KernelTests;

/// <summary>
/// A real Prometheus with the shipped rules, a real Alertmanager and a webhook receiver, in an exporter's namespace.
/// Intervals are shorter than in production. The rules stay unchanged until a page has to resolve.
/// </summary>
sealed class AlertingChain : IAsyncDisposable
{
    const int AlertmanagerPort = 9093;
    const int PrometheusPort = 9090;

    static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    readonly PrivateNamespace _netns;
    readonly HttpClient _client;
    readonly TemporaryFolder _folder = new();
    readonly Channel<Page> _pages = Channel.CreateUnbounded<Page>();
    readonly WebApplication _webhook;
    readonly List<Process> _processes = [];
    readonly string _rules;
    readonly ConcurrentQueue<string> _log = [];

    AlertingChain(PrivateNamespace netns)
    {
        _netns = netns;
        _client = netns.HttpClient();
        _rules = _folder.Write("openclaw-network.rules.yml", Repository.Rules);
        _webhook = PageReceiver.Create(netns, page => _pages.Writer.TryWrite(page));
    }

    /// <summary>Starts all three and waits until Prometheus has scraped the exporter.</summary>
    public static async Task<AlertingChain> StartAsync(PrivateNamespace netns)
    {
        var prometheus = InstalledProgram.Find("prometheus");
        var alertmanager = InstalledProgram.Find("prometheus-alertmanager", "alertmanager");
        var chain = new AlertingChain(netns);
        try
        {
            await chain._webhook.StartAsync(TestContext.Current.CancellationToken);
            chain.StartAlertmanager(alertmanager);
            chain.StartPrometheus(prometheus);
            await chain.WaitForFirstScrapeAsync();
            return chain;
        }
        catch
        {
            await chain.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next notification about an alert of this pool.</summary>
    public async Task<Page> NextPageAsync(string pool, TimeSpan timeout)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(timeout);
        try
        {
            while (true)
            {
                var page = await _pages.Reader.ReadAsync(late.Token);

                // Other pools belong to the machine and may be full for other reasons while the tests run.
                if (page.Labels.GetValueOrDefault("pool") == pool)
                    return page;
                _log.Enqueue($"a page about something else: {page}");
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            throw new TimeoutException($"no page about {pool} in {timeout}.\n{string.Join('\n', _log)}");
        }
    }

    /// <summary>Loads rules that resolve a page about a full pool sooner; firing alerts keep firing.</summary>
    public async Task EndPagesSoonAsync()
    {
        await File.WriteAllTextAsync(_rules, Repository.QuickRules, TestContext.Current.CancellationToken);
        using var reloaded = await _client.PostAsync(
            new Uri(Loopback(PrometheusPort, "http://") + "/-/reload"),
            null,
            TestContext.Current.CancellationToken
        );
        Assert.True(reloaded.IsSuccessStatusCode, $"{reloaded.StatusCode}\n{string.Join('\n', _log)}");
    }

    /// <summary>The result of a query of Prometheus' HTTP API.</summary>
    /// <param name="query">The path below <c>/api/v1/</c>, with parameters.</param>
    public async Task<JsonElement> QueryAsync(string query)
    {
        var answer = await _client.GetAsync(
            new Uri($"{Loopback(PrometheusPort, "http://")}/api/v1/{query}"),
            TestContext.Current.CancellationToken
        );
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{Uri.UnescapeDataString(query)}: {text}");
        return JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("result");
    }

    public async ValueTask DisposeAsync()
    {
        // The processes must end before their folder is deleted. The namespace, which owns them, would end them later.
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        _client.Dispose();
        await _webhook.DisposeAsync();
        _folder.Dispose();
    }

    void StartAlertmanager(string program) =>
        Start(
            program,
            "--config.file="
                + _folder.Write(
                    "alertmanager.yml",
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
                          - url: {PageReceiver.Address}
                            send_resolved: true
                    """
                ),
            "--storage.path=" + _folder.PathOf("alertmanager"),
            "--web.listen-address=" + Loopback(AlertmanagerPort),
            "--cluster.listen-address="
        );

    void StartPrometheus(string program) =>
        Start(
            program,
            "--config.file="
                + _folder.Write(
                    "prometheus.yml",
                    $"""
                    global:
                      scrape_interval: 1s
                      evaluation_interval: 1s
                    rule_files: [{_rules}]
                    alerting:
                      alertmanagers:
                        - static_configs:
                            - targets: ['{Loopback(AlertmanagerPort)}']
                    scrape_configs:
                      - job_name: openclaw-exporter
                        static_configs:
                          - targets: ['{Loopback(PublishedExporter.Port)}']
                    """
                ),
            "--storage.tsdb.path=" + _folder.PathOf("prometheus"),
            "--web.enable-lifecycle",
            "--web.listen-address=" + Loopback(PrometheusPort)
        );

    void Start(string program, params string[] arguments)
    {
        var process = _netns.Start(
            new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        );
        _processes.Add(process);
        process.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    async Task WaitForFirstScrapeAsync()
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if ((await QueryAsync("query?query=openclaw_network_exporter_build_info")).GetArrayLength() > 0)
                    return;
            }
            catch (Exception error)
                when (error is HttpRequestException or Xunit.Sdk.TrueException && waiting.Elapsed < StartTimeout)
            {
                // The server does not listen yet, or is not ready yet.
            }

            Assert.True(
                waiting.Elapsed < StartTimeout,
                $"Prometheus did not scrape the exporter.\n{string.Join('\n', _log)}"
            );
            await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        }
    }

    static string Loopback(int port, string scheme = "") =>
        string.Create(CultureInfo.InvariantCulture, $"{scheme}127.0.0.1:{port}");
}
