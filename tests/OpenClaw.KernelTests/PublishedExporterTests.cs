namespace OpenClaw.KernelTests;

public class PublishedExporterTests
{
    [Fact]
    public async Task It_serves_the_metrics_of_its_namespace()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40199");
        using var exporter = await PublishedExporter.StartAsync(netns);

        var page = await exporter.ScrapeAsync();

        Assert.Contains("openclaw_network_ephemeral_connect_ports_limit{netns=\"self\",protocol=\"tcp\",source=\"*\",destination=\"*\"} 200\n", page, StringComparison.Ordinal);
        Assert.Contains("openclaw_network_tcp_sockets{netns=\"self\",state=\"listen\"} 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promtool_finds_no_fault_with_its_metrics()
    {
        var promtool = InstalledProgram.Find("promtool");
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns);

        await InstalledProgram.SucceedsAsync(promtool, await exporter.ScrapeAsync(), "check", "metrics");
    }
}
