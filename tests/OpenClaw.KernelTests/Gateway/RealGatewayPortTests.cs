using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>The real Gateway without a port: for its connections, and for its listener.</summary>
[Trait("Package", "openclaw")]
[Collection(nameof(RealGateway))]
public sealed class RealGatewayPortTests : IDisposable
{
    const int Port = 18789;
    const int Destination = 8443;

    readonly PrivateNamespace _netns = new();
    readonly TemporaryFolder _home = new();

    public void Dispose()
    {
        _netns.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task Ports_to_one_destination_run_out_and_the_remedy_cures_it_while_it_runs()
    {
        _netns.Sysctl("net.ipv4.ip_local_port_range", "32768 32867");
        using var exporter = await PublishedExporter.StartAsync(_netns);
        using var cgroup = new PrivateCgroup("gateway");
        var gateway = RealGateway.StartAlone(_netns, _home, Port);
        cgroup.Add(gateway.Process);
        await RealGateway.ReadyAsync(exporter);
        await gateway.OrderAsync($"listen {Destination}");
        await gateway.OrderAsync($"connect {Destination} 105");

        await RealGateway.ScrapedAsync(exporter, "errno=\"EADDRNOTAVAIL\",call=\"connect\"} 5\n");
        var diagnosis = await PublishedDiagnosis.DiagnoseAsync(_netns, "--collector.processes");
        var full = ToDestination(diagnosis);
        Assert.Equal("critical", PublishedDiagnosis.Text(full, "condition"));
        var problem = diagnosis
            .GetProperty("problems")
            .EnumerateArray()
            .First(static one => PublishedDiagnosis.Text(one, "name") == "ephemeral_connect_ports");
        Assert.Contains(
            $"127.0.0.1:{Destination}",
            PublishedDiagnosis.Text(problem, "place"),
            StringComparison.Ordinal
        );
        Assert.Equal(gateway.Words, PublishedDiagnosis.Text(problem, "holder"), ignoreCase: true);
        var holder = problem.GetProperty("holders")[0];
        Assert.Equal(gateway.Process.Id, holder.GetProperty("pid").GetInt32());
        Assert.Equal(cgroup.Path, PublishedDiagnosis.Text(holder, "cgroup"));

        await PublishedDiagnosis.RunAsync(_netns, full);
        await gateway.OrderAsync($"connect {Destination} 5");
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Contains(
            "errno=\"EADDRNOTAVAIL\",call=\"connect\"} 5\n",
            await exporter.ScrapeAsync(),
            StringComparison.Ordinal
        );
        diagnosis = await PublishedDiagnosis.DiagnoseAsync(_netns, "--collector.processes");
        Assert.Equal("ok", PublishedDiagnosis.Text(ToDestination(diagnosis), "condition"));
        Assert.False(gateway.Process.HasExited);
    }

    [Fact]
    public async Task A_listener_at_its_port_is_why_it_ends()
    {
        using var exporter = await PublishedExporter.StartAsync(_netns);
        using var other = Socket(_netns);
        other.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        other.Listen(5);
        var gateway = RealGateway.StartAlone(_netns, _home, Port);

        var words = $"has no listener; another program listens at port {Port}";
        await PageShowsAsync(exporter, words);
        await RealGateway.CountedAsync(exporter, "openclaw_network_clw_errors_total{code=\"clw-port-conflict\"");
        Assert.Contains("EADDRINUSE", await gateway.Console, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_has_its_port_is_named_and_the_remedy_lets_it_start()
    {
        using var exporter = await PublishedExporter.StartAsync(_netns);
        using var server = Socket(_netns);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 443));
        server.Listen(5);
        const string range = "net.ipv4.ip_local_port_range";
        _netns.Sysctl(range, $"{Port} {Port + 1}");
        using var connection = Socket(_netns);
        connection.Connect(new IPEndPoint(IPAddress.Loopback, 443));
        Assert.Equal(Port, ((IPEndPoint)connection.LocalEndPoint!).Port);
        _netns.Sysctl(range, "1025 65000");
        var gateway = RealGateway.StartAlone(_netns, _home, Port);

        await RealGateway.CountedAsync(exporter, "openclaw_network_clw_errors_total{code=\"clw-port-conflict\"");
        Assert.Contains("EADDRINUSE", await gateway.Console, StringComparison.Ordinal);
        var diagnosis = await PublishedDiagnosis.DiagnoseAsync(_netns, "--collector.processes");
        Assert.Contains(
            $"cannot have its port {Port}, by the connection to 127.0.0.1:443",
            diagnosis.GetProperty("problems").GetRawText(),
            StringComparison.Ordinal
        );

        var problem = diagnosis
            .GetProperty("problems")
            .EnumerateArray()
            .First(static one => PublishedDiagnosis.Text(one, "name") == "service_port_taken");
        await PublishedDiagnosis.RunAsync(_netns, problem);
        connection.LingerState = new(true, 0);
        connection.Dispose();
        _ = RealGateway.StartAlone(_netns, _home, Port);
        await RealGateway.ReadyAsync(exporter);
    }

    static Socket Socket(PrivateNamespace netns) =>
        netns.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));

    static JsonElement ToDestination(JsonElement diagnosis) =>
        diagnosis
            .GetProperty("pools")
            .EnumerateArray()
            .First(static pool =>
                PublishedDiagnosis.Text(pool, "pool") == "ephemeral_connect_ports"
                && pool.GetProperty("labels")
                    .GetRawText()
                    .Contains(Destination.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            );

    static async Task PageShowsAsync(PublishedExporter exporter, string words) =>
        await Polling.UntilAsync(
            words,
            async () =>
                (await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken)).Contains(
                    words,
                    StringComparison.Ordinal
                ),
            RealGateway.Patience
        );
}
