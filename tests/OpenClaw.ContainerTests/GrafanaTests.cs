using System.Net.Http.Json;
using System.Text.Json;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Microsoft.Extensions.Logging.Abstractions;

namespace OpenClaw.ContainerTests;

/// <summary>
/// The Grafana that deploy/compose names, with the provisioning and dashboards that it mounts. tests/run skips these
/// tests where the engine lacks the image: no Debian package can replace it.
/// </summary>
[Trait("Image", "grafana")]
public sealed class GrafanaTests(ITestOutputHelper output)
{
    const string Host = "openclaw-host";
    const string Pools = "Pools by fill level";

    /// <summary>Grafana first creates its database and then loads everything.</summary>
    static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    static readonly TimeSpan DataTimeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task It_shows_the_shipped_dashboards_with_what_the_shipped_datasource_answers()
    {
        await using var sidecar = await Sidecar.StartAsync();
        await using var monitoring = await Monitoring.StartAsync(sidecar);
        await using var grafana = Container(monitoring);
        await grafana.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = monitoring.Grafana };
        await Polling.UntilAsync("Grafana answers", () => AnswersAsync(client), StartTimeout);
        using (var health = await GetAsync(client, "api/datasources/uid/prometheus/health"))
            Assert.Equal("OK", health.RootElement.GetProperty("status").GetString());

        Assert.Equal(4, Dashboard.All.Count);
        foreach (var dashboard in Dashboard.All.Values)
        {
            using var shown = await GetAsync(client, "api/dashboards/uid/" + dashboard.Uid);
            Assert.True(shown.RootElement.GetProperty("meta").GetProperty("provisioned").GetBoolean());
            Assert.Equal(
                dashboard.Json.GetProperty("title").GetString(),
                shown.RootElement.GetProperty("dashboard").GetProperty("title").GetString()
            );
            Assert.Equal(
                dashboard.Json.GetProperty("panels").GetArrayLength(),
                shown.RootElement.GetProperty("dashboard").GetProperty("panels").GetArrayLength()
            );
        }

        var queries = Dashboard.All[Host].Queries.ToList();
        await Polling.UntilAsync(
            "the pools are shown",
            async () => await RowsAsync(client, queries.First(static query => query.Panel == Pools)) > 0,
            DataTimeout
        );
        foreach (var query in queries)
            output.WriteLine($"{await RowsAsync(client, query), 5} {query.Place}");
    }

    /// <summary>
    /// The number of values that the datasource returns for a query, sent through Grafana as the dashboard does. Fails
    /// on an error.
    /// </summary>
    static async Task<int> RowsAsync(HttpClient client, DashboardQuery query)
    {
        using var answer = await client.PostAsJsonAsync(
            "api/ds/query",
            new
            {
                queries = new[]
                {
                    new
                    {
                        refId = query.RefId,
                        datasource = new { type = "prometheus", uid = "prometheus" },
                        expr = query.Filled("10s"),
                        instant = query.IsInstant,
                        range = !query.IsInstant,
                        intervalMs = 1000,
                        maxDataPoints = query.MostPoints ?? 300,
                    },
                },
                from = "now-5m",
                to = "now",
            },
            TestContext.Current.CancellationToken
        );
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{query.Place}: {(int)answer.StatusCode} {text}");
        using var json = JsonDocument.Parse(text);
        var result = json.RootElement.GetProperty("results").GetProperty(query.RefId);
        Assert.False(result.TryGetProperty("error", out var error), $"{query.Place}: {error}");

        // A frame has its values by column; the first column is the time.
        return result
            .GetProperty("frames")
            .EnumerateArray()
            .Sum(static frame =>
                frame
                    .GetProperty("data")
                    .GetProperty("values")
                    .EnumerateArray()
                    .Select(static column => column.GetArrayLength())
                    .FirstOrDefault()
            );
    }

    static async Task<bool> AnswersAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(
                new Uri("api/health", UriKind.Relative),
                TestContext.Current.CancellationToken
            );
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    static async Task<JsonDocument> GetAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(
            new Uri(path, UriKind.Relative),
            TestContext.Current.CancellationToken
        );
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text);
    }

    /// <summary>
    /// Grafana in the network namespace of Prometheus, as in deploy/compose/whole-host.yml.
    /// </summary>
    static IContainer Container(Monitoring monitoring) =>
        new ContainerBuilder(ImageNames.Grafana)
            .WithLogger(NullLogger.Instance)
            .WithEnvironment("PROMETHEUS_URL", "http://127.0.0.1:9090")
            .WithEnvironment("GF_AUTH_ANONYMOUS_ENABLED", "true")
            .WithEnvironment("GF_AUTH_ANONYMOUS_ORG_ROLE", "Viewer")
            .WithEnvironment("GF_ANALYTICS_REPORTING_ENABLED", "false")
            .WithEnvironment("GF_ANALYTICS_CHECK_FOR_UPDATES", "false")
            .WithBindMount(
                Repository.PathOf("deploy/compose/grafana/datasources"),
                "/etc/grafana/provisioning/datasources",
                DotNet.Testcontainers.Configurations.AccessMode.ReadOnly
            )
            .WithBindMount(
                Repository.PathOf("deploy/compose/grafana/dashboards"),
                "/etc/grafana/provisioning/dashboards",
                DotNet.Testcontainers.Configurations.AccessMode.ReadOnly
            )
            .WithBindMount(
                Repository.PathOf("dashboards"),
                "/var/lib/grafana/dashboards",
                DotNet.Testcontainers.Configurations.AccessMode.ReadOnly
            )
            .WithCreateParameterModifier(create =>
                create.HostConfig!.NetworkMode = "container:" + monitoring.Prometheus
            )
            .Build();
}
