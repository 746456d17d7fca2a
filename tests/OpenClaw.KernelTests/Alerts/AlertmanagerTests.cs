using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.KernelTests;

/// <summary>The shipped configuration in a real Alertmanager: receivers and inhibition.</summary>
public sealed class AlertmanagerTests
{
    const string Address = "127.0.0.1:9093";

    static readonly string Configuration = Repository.PathOf("alerts/alertmanager.yml");
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The alerts that follow from a full pool, written out by name. This list is independent of the lists from which
    /// the configuration is rendered.
    /// </summary>
    static readonly (string Effect, string Severity, string[] Causes)[] Effects =
    [
        ("OpenClawListenOverflows", "critical", ["accept_queue_connections"]),
        ("OpenClawListenDrops", "warning", ["accept_queue_connections"]),
        ("OpenClawSynQueueFull", "warning", ["accept_queue_connections"]),
        ("OpenClawTimeWaitOverflows", "warning", ["time_wait_sockets"]),
        ("OpenClawTcpMemoryPressure", "warning", ["tcp_memory_bytes"]),
        ("OpenClawTcpAborts", "critical", ["tcp_memory_bytes", "orphan_sockets"]),
        ("OpenClawUdpBufferErrors", "warning", ["udp_memory_bytes"]),
        ("OpenClawConntrackDrops", "critical", ["conntrack_entries", "snat_ports"]),
        ("OpenClawConntrackEarlyDrops", "critical", ["conntrack_entries"]),
        ("OpenClawConntrackInsertFailures", "warning", ["conntrack_entries", "snat_ports"]),
        ("OpenClawConntrackChains", "critical", ["conntrack_entries"]),
        ("OpenClawSoftnetDrops", "warning", []),
        ("OpenClawNeighbourTableFull", "critical", ["neighbour_entries"]),
        ("OpenClawFileMaxReached", "critical", ["system_file_descriptors"]),
    ];

    /// <summary>
    /// The causes of a refused probe operation. A process without free descriptors is no cause: it is not the exporter.
    /// </summary>
    static readonly Dictionary<string, string[]> Refusals = new()
    {
        ["socket"] = ["system_file_descriptors"],
        ["tcp_bind"] = ["ephemeral_bind_ports"],
        ["udp_bind"] = ["ephemeral_bind_ports"],
        ["connect"] = ["conntrack_entries", "ephemeral_connect_ports *"],
    };

    /// <summary>The codes that OpenClaw may report when a pool with this code is full.</summary>
    static readonly Dictionary<string, string[]> Reports = new()
    {
        ["clw-network-exhausted"] = ["clw-network-exhausted", "clw-port-conflict", "clw-resource-limit"],
        ["clw-port-conflict"] = ["clw-port-conflict", "clw-network-exhausted", "clw-resource-limit"],
        ["clw-connection-timeout"] = ["clw-connection-timeout", "clw-network-exhausted", "clw-resource-limit"],
        ["clw-resource-limit"] = ["clw-resource-limit", "clw-network-exhausted"],
    };

    [Fact]
    public Task Its_own_tool_finds_no_fault_with_it() => Amtool("check-config", Configuration);

    [Theory]
    [InlineData("page", "severity=critical", "alertname=OpenClawConntrackDrops")]
    [InlineData("ticket", "severity=warning", "alertname=OpenClawPoolWarning")]
    [InlineData("ticket", "alertname=SomebodyElses")]
    public Task An_alert_goes_to(string receiver, params string[] labels) =>
        Amtool([
            "config",
            "routes",
            "test",
            "--config.file=" + Configuration,
            "--verify.receivers=" + receiver,
            .. labels,
        ]);

    [Fact]
    public async Task A_cause_silences_its_effects_and_nothing_else()
    {
        var alerts = new List<(Dictionary<string, string> Labels, bool IsSilenced)>();
        foreach (var pool in PoolCatalogue.All)
        {
            var isOfHost = pool.Scope == PoolScope.Host;
            foreach (var (effect, severity, causes) in Effects)
            {
                // A pool at its warning threshold has room left, so a failure then has another cause. The same applies
                // to a failure in another namespace.
                var isCause = causes.Contains(pool.Name);
                Pair($"critical-{effect}-{pool.Name}", "OpenClawPoolCritical", "pod", isCause);
                Pair($"warning-{effect}-{pool.Name}", "OpenClawPoolWarning", "pod", false);
                Pair($"elsewhere-{effect}-{pool.Name}", "OpenClawPoolCritical", "other", isCause && isOfHost);

                void Pair(string instance, string cause, string effectNetns, bool isSilenced)
                {
                    alerts.Add((OfPool(instance, cause, pool, "pod", "somebody"), false));
                    alerts.Add(
                        (
                            Labels(
                                instance,
                                effect,
                                severity,
                                effectNetns,
                                causes.Length == 0 ? [] : [("pool", causes[0])]
                            ),
                            isSilenced
                        )
                    );
                }
            }

            foreach (var (operation, causes) in Refusals)
            {
                foreach (var subject in new[] { "*", "somebody" })
                {
                    var instance = $"probe-{operation}-{pool.Name}-{subject}";
                    alerts.Add((OfPool(instance, "OpenClawPoolCritical", pool, "self", subject), false));
                    alerts.Add(
                        (
                            Labels(instance, "OpenClawProbeFailing", "critical", "self", ("operation", operation)),
                            causes.Contains(pool.Name) || causes.Contains($"{pool.Name} {subject}")
                        )
                    );
                    alerts.Add((OfPool("warning-" + instance, "OpenClawPoolWarning", pool, "self", subject), false));
                    alerts.Add(
                        (
                            Labels(
                                "warning-" + instance,
                                "OpenClawProbeFailing",
                                "critical",
                                "self",
                                ("operation", operation)
                            ),
                            false
                        )
                    );
                }
            }
        }

        foreach (var reported in Reports.Keys)
        {
            foreach (var (code, shown) in Reports)
            {
                foreach (
                    var (name, severity) in new[]
                    {
                        ("OpenClawPoolCritical", "critical"),
                        ("OpenClawPoolWarning", "warning"),
                    }
                )
                {
                    var instance = $"code-{severity}-{reported}-{code}";
                    alerts.Add((Labels(instance, name, severity, "self", ("pool", "some"), ("code", code)), false));
                    alerts.Add(
                        (
                            Labels(instance, "OpenClawErrorsReported", "warning", "", ("code", reported)),
                            severity == "critical" && shown.Contains(reported)
                        )
                    );
                }
            }
        }

        // An alert that a pool is about to become critical is silenced once that pool is critical.
        alerts.Add((Labels("same", "OpenClawPoolCritical", "critical", "self", ("pool", "conntrack_entries")), false));
        alerts.Add(
            (Labels("same", "OpenClawPoolExhaustionImminent", "warning", "self", ("pool", "conntrack_entries")), true)
        );
        alerts.Add(
            (Labels("same", "OpenClawPoolExhaustionImminent", "warning", "self", ("pool", "bridge_ports")), false)
        );
        alerts.Add(
            (
                Labels("another", "OpenClawPoolExhaustionImminent", "warning", "self", ("pool", "conntrack_entries")),
                false
            )
        );

        using var folder = new TemporaryFolder();
        using var home = new PrivateNamespace();
        using var client = await StartAsync(home, folder, File.ReadAllText(Configuration));
        await PostAsync(client, alerts.Select(static alert => alert.Labels));

        // It takes alerts at once, and thinks about what silences them a moment later.
        string[] wrong;
        var patience = Deadline.After(TimeSpan.FromSeconds(10));
        do
        {
            var silenced = await SilencedAsync(client);
            Assert.Equal(alerts.Count, silenced.Count);
            wrong =
            [
                .. alerts
                    .Where(alert => silenced[Key(alert.Labels)] != alert.IsSilenced)
                    .Select(static alert => $"{Key(alert.Labels)}: silenced should be {alert.IsSilenced}"),
            ];
        } while (wrong is not [] && !patience.HasPassed);

        Assert.Empty(wrong);
    }

    /// <summary>Returns for each alert whether another one silences it.</summary>
    static async Task<Dictionary<string, bool>> SilencedAsync(HttpClient client)
    {
        var states = await client.GetFromJsonAsync<JsonElement>(
            "/api/v2/alerts",
            TestContext.Current.CancellationToken
        );
        return states
            .EnumerateArray()
            .ToDictionary(
                static alert => Key(alert.GetProperty("labels").Deserialize<Dictionary<string, string>>()!),
                static alert => alert.GetProperty("status").GetProperty("inhibitedBy").GetArrayLength() > 0
            );
    }

    [Fact]
    public async Task The_pager_is_told_the_cause_and_not_the_effect()
    {
        var pages = new ConcurrentQueue<Page>();
        using var folder = new TemporaryFolder();
        using var netns = new PrivateNamespace();
        await using var webhook = PageReceiver.Create(netns, pages.Enqueue);
        await webhook.StartAsync(TestContext.Current.CancellationToken);
        var shipped = File.ReadAllText(Configuration);
        var told = shipped.Replace(
            "  - name: page\n",
            $"  - name: page\n    webhook_configs: [{{url: '{PageReceiver.Address}'}}]\n",
            StringComparison.Ordinal
        );
        Assert.NotEqual(shipped, told);
        using var client = await StartAsync(netns, folder, told);

        await PostAsync(
            client,
            [
                Labels(
                    "a",
                    "OpenClawConntrackDrops",
                    "critical",
                    "pod",
                    ("pool", "conntrack_entries"),
                    ("code", ClwCodes.ConnectionTimeout)
                ),
                Labels(
                    "a",
                    "OpenClawPoolCritical",
                    "critical",
                    "pod",
                    ("pool", "conntrack_entries"),
                    ("code", ClwCodes.ConnectionTimeout)
                ),
                Labels(
                    "a",
                    "OpenClawPoolWarning",
                    "warning",
                    "other",
                    ("pool", "bridge_ports"),
                    ("code", ClwCodes.NetworkExhausted)
                ),
                Labels(
                    "b",
                    "OpenClawConntrackDrops",
                    "critical",
                    "pod",
                    ("pool", "conntrack_entries"),
                    ("code", ClwCodes.ConnectionTimeout)
                ),
            ]
        );

        Assert.True(SpinWait.SpinUntil(() => pages.Count >= 2, Patience), "nobody is told");
        Assert.Equal(
            ["a OpenClawPoolCritical", "b OpenClawConntrackDrops"],
            pages.Select(static page => $"{page.Labels["instance"]} {page.Labels["alertname"]}").Order()
        );
    }

    static async Task<HttpClient> StartAsync(PrivateNamespace netns, TemporaryFolder folder, string configuration)
    {
        var process = netns.Start(
            new(
                InstalledProgram.Find("prometheus-alertmanager", "alertmanager"),
                [
                    "--config.file=" + folder.Write("alertmanager.yml", configuration),
                    "--storage.path=" + folder.PathOf("data"),
                    "--web.listen-address=" + Address,
                    "--cluster.listen-address=",
                    "--log.level=error",
                ]
            )
        );
        var client = netns.HttpClient();
        client.BaseAddress = new($"http://{Address}");
        for (var until = DateTime.UtcNow + Patience; ; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            try
            {
                if (
                    (
                        await client.GetAsync(
                            new Uri("/-/ready", UriKind.Relative),
                            TestContext.Current.CancellationToken
                        )
                    ).IsSuccessStatusCode
                )
                {
                    return client;
                }
            }
            catch (HttpRequestException) when (!process.HasExited && DateTime.UtcNow < until)
            {
                // Alertmanager does not listen yet.
            }
        }
    }

    static async Task PostAsync(HttpClient client, IEnumerable<Dictionary<string, string>> alerts)
    {
        var answer = await client.PostAsJsonAsync(
            "/api/v2/alerts",
            alerts.Select(static labels => new { labels }),
            TestContext.Current.CancellationToken
        );
        Assert.True(
            answer.IsSuccessStatusCode,
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
        );
    }

    static Dictionary<string, string> OfPool(string instance, string name, Pool pool, string netns, string subject) =>
        Labels(
            instance,
            name,
            name == "OpenClawPoolCritical" ? "critical" : "warning",
            pool.Scope == PoolScope.Host ? "" : netns,
            ("pool", pool.Name),
            ("subject", subject)
        );

    static Dictionary<string, string> Labels(
        string instance,
        string name,
        string severity,
        string netns,
        params (string Name, string Value)[] others
    )
    {
        var labels = others.ToDictionary(static label => label.Name, static label => label.Value);
        foreach (
            var (label, value) in new[]
            {
                ("job", "exporter"),
                ("instance", instance),
                ("alertname", name),
                ("severity", severity),
                ("netns", netns),
            }
        )
        {
            if (value.Length > 0)
                labels.Add(label, value);
        }

        return labels;
    }

    static string Key(Dictionary<string, string> labels) =>
        string.Join(
            ' ',
            labels
                .OrderBy(static label => label.Key, StringComparer.Ordinal)
                .Select(static label => $"{label.Key}={label.Value}")
        );

    static Task Amtool(params string[] arguments) =>
        InstalledProgram.SucceedsAsync(InstalledProgram.Find("amtool"), "", arguments);
}
