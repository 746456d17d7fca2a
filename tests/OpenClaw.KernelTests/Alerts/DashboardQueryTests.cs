using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OpenClaw.KernelTests;

/// <summary>
/// Sends the dashboards' queries to a real Prometheus, which has scraped the published exporter on a machine in
/// trouble.
/// </summary>
public sealed partial class DashboardQueryTests : IDisposable
{
    const int Range = 200;

    static readonly IPEndPoint Destination = new(IPAddress.Loopback, 8080);

    /// <summary>The limit for all queries to have data. The alerts come last: they wait for half a minute.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    const string WithoutPlugin = "the Gateway of this test has no plugin for metrics of its own";

    /// <summary>The queries that may stay empty here, each with its reason.</summary>
    static readonly Dictionary<string, string> MayBeEmpty = new()
    {
        ["openclaw-host / Failures per second / L"] =
            "the kernel shows the neighbour tables to the machine's own network namespace only",
        ["openclaw-host / Packets dropped in queues / B"] =
            "an interface without drops is not listed, and a private namespace has no hardware that drops",
        ["openclaw-host / Descriptor growth per hour / A"] =
            "a process is watched for two minutes before its growth is told",
        ["openclaw-host / Kernel messages / A"] = "it is what the log of the machine's kernel has",
        ["openclaw-host / Waiting times of the Gateway / A"] = WithoutPlugin,
        ["openclaw-host / Waiting times of the Gateway / B"] = WithoutPlugin,
        ["openclaw-host / Requests of the Gateway / A"] = WithoutPlugin,
        ["openclaw-host / Starts of the Gateway in an hour / A"] = WithoutPlugin,
        ["openclaw-host / Warnings / annotation"] = "the alert waits for five minutes",
        ["openclaw-namespaces / Warnings / annotation"] = "the alert waits for five minutes",
        ["openclaw-exporter / Warnings / annotation"] = "the alert waits for five minutes",
        ["openclaw-fleet / Warnings / annotation"] = "the alert waits for five minutes",
    };

    readonly PrivateNamespace _netns = new();
    readonly TemporaryFolder _folder = new();
    readonly PrivateCgroup _cgroup = new("dashboards");
    readonly string _leaked = "ocx" + Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task Every_query_finds_something_on_a_machine_in_trouble()
    {
        var log = Prepare();
        using var gateway = new FakeGateway(_netns);
        using var exporter = await PublishedExporter.StartAsync(
            _netns,
            "--netns=all",
            "--process.watch=openclaw-daemon",
            $"--openclaw.log={log}",
            $"--openclaw.config={_folder.PathOf("daemon.yml")}",
            $"--openclaw.status-command=cat {_folder.PathOf("status")}",
            "--openclaw.health-url=http://127.0.0.1:18789/health"
        );
        await File.AppendAllTextAsync(log, "spawn EBADF\n", TestContext.Current.CancellationToken);
        using (var browser = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "attacker.example" } })
        {
            browser.Headers.Add("Sec-Fetch-Site", "same-origin");
            using var refused = await exporter.Client.SendAsync(browser, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.MisdirectedRequest, refused.StatusCode);
        }

        await using var chain = await AlertingChain.StartAsync(_netns);
        using var listener = _netns.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        listener.Bind(Destination);
        listener.Listen(2 * Range);
        using var exhaustion = _netns.Run(static () => new PortExhaustion(Destination));
        Assert.Equal(Range, exhaustion.Connections);

        var pending = Dashboard
            .All.Values.SelectMany(static dashboard => dashboard.Queries.Concat(dashboard.Annotations))
            .ToList();
        Assert.Empty(MayBeEmpty.Keys.Except(pending.Select(static query => query.Place)));
        var waiting = Stopwatch.StartNew();
        while (pending.Exists(static query => !MayBeEmpty.ContainsKey(query.Place)) && waiting.Elapsed < Patience)
        {
            var empty = new List<DashboardQuery>();
            foreach (var query in pending)
            {
                if (!await FindsAsync(chain, query))
                    empty.Add(query);
            }

            pending = empty;
            if (pending.Count > 0)
                await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        }

        Assert.Empty(
            pending
                .Where(static query => !MayBeEmpty.ContainsKey(query.Place))
                .Select(static query => $"{query.Place}: {query.Filled("10s")}")
        );
        foreach (
            var (place, variable) in from dashboard in Dashboard.All.Values
            from variable in dashboard.Variables
            select (dashboard.Uid, variable)
        )
        {
            if (LabelValues().Match(variable.GetProperty("query").ToString()) is not { Success: true } asked)
                continue;
            var selector = asked
                .Groups["selector"]
                .Value.Replace("\\\"", "\"", StringComparison.Ordinal)
                .Replace("$job", ".+", StringComparison.Ordinal)
                .Replace("$instance", ".+", StringComparison.Ordinal);
            var values = await chain.QueryAsync(
                "query?query=" + Uri.EscapeDataString($"group by ({asked.Groups["label"].Value}) ({selector})")
            );
            Assert.True(
                values[0].GetProperty("metric").TryGetProperty(asked.Groups["label"].Value, out _),
                $"{place}: ${variable.GetProperty("name")} has no value"
            );
        }
    }

    public void Dispose()
    {
        using (var ip = ChildProcess.Start(new("ip", ["netns", "delete", _leaked])))
            ip.WaitForExit();
        _cgroup.Dispose();
        _netns.Dispose();
        _folder.Dispose();
    }

    /// <summary>
    /// True where a query returns a number and every label in its legend; fails when Prometheus rejects the query.
    /// </summary>
    static async Task<bool> FindsAsync(AlertingChain chain, DashboardQuery query)
    {
        var expression = Uri.EscapeDataString(query.Filled("10s"));
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var result = await chain.QueryAsync(
            query.IsInstant
                ? $"query?query={expression}"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"query_range?query={expression}&start={now - 300}&end={now}&step=5"
                )
        );
        var series = result
            .EnumerateArray()
            .Where(series =>
                query.IsInstant
                    ? IsFinite(series.GetProperty("value"))
                    : series.GetProperty("values").EnumerateArray().Any(IsFinite)
            )
            .ToList();
        var labels = LegendLabels()
            .Matches(query.RefId == "annotation" ? "" : query.Legend)
            .Select(static match => match.Groups[1].Value);
        return series.Count > 0
            && labels.All(label => series.Exists(found => found.GetProperty("metric").TryGetProperty(label, out _)));
    }

    static bool IsFinite(JsonElement sample) =>
        double.IsFinite(
            double.Parse(
                sample[1].GetString()!.Replace("Inf", "Infinity", StringComparison.Ordinal),
                CultureInfo.InvariantCulture
            )
        );

    /// <summary>Prepares some of everything that the dashboards show; returns the path of the OpenClaw log.</summary>
    string Prepare()
    {
        _netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Range - 1}");
        var nft = InstalledProgram.Find("nft");
        _netns.Command(
            nft,
            "add table ip t; add chain ip t o { type filter hook output priority 0; }; add rule ip t o ct state "
                + "new counter"
        );
        foreach (
            var command in new[]
            {
                "link add br0 type bridge",
                "link add v0 type veth peer name v1",
                "link set v0 master br0",
                "link set br0 up",
                "link set v0 up",
                "link set v1 up",
                "addr add 10.9.0.1/24 dev br0",
                "neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev br0",
                $"netns add {_leaked}",
            }
        )
        {
            _netns.Command("ip", command.Split(' '));
        }

        _netns.Command("tc", "qdisc add dev br0 root tbf rate 8kbit burst 2k limit 2k".Split(' '));
        using (
            var sender = _netns.Run(static () =>
                new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
            )
        )
        {
            sender.SendBufferSize = 1 << 20;
            for (var i = 0; i < 50; i++)
                sender.SendTo(new byte[900], new IPEndPoint(IPAddress.Parse("10.9.0.2"), 9));
        }

        _cgroup.Listen(_netns, 9201, connections: 3, "openclaw-daemon");
        _folder.Write("daemon.yml", "max-open-files: 512\nnetwork:\n  max_connections: 10\n");
        _folder.Write("status", "[OpenClaw Status]\nRuntime: healthy\nVersion: 1.2\nContainers Running: 5\n");
        return _folder.Write("openclaw.log", "Error Code: clw-port-conflict\n");
    }

    [GeneratedRegex(@"label_values\((?<selector>.+), (?<label>\w+)\)")]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex LegendLabels();
}
