using System.Text.Json;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.ContainerTests;

public class SidecarPagingTests(ITestOutputHelper output)
{
    const string Pool = "ephemeral_connect_ports";

    /// <summary>The rule's delay before it fires and before it resolves, plus a margin for a slow machine.</summary>
    static readonly TimeSpan PageTimeout = TimeSpan.FromSeconds(75);
    static readonly TimeSpan ResolveTimeout = TimeSpan.FromSeconds(105);

    /// <summary>The whole chain as deployed: each part in its own container, with the shipped paging rules.</summary>
    [Fact]
    public async Task An_application_without_ports_pages_with_destination_code_and_remedy_and_resolves()
    {
        await using var sidecar = await Sidecar.StartAsync();
        await using var monitoring = await Monitoring.StartAsync(sidecar);

        Assert.Equal(Sidecar.Ports, await sidecar.ExhaustAsync());
        var firing = await PageAsync(sidecar, "firing", PageTimeout);
        output.WriteLine(firing.ToString());

        var labels = firing.GetProperty("labels");
        Assert.Equal("OpenClawPoolCritical", labels.GetProperty("alertname").GetString());
        Assert.Equal("critical", labels.GetProperty("severity").GetString());
        Assert.Equal("clw-network-exhausted", labels.GetProperty("code").GetString());
        Assert.Equal(sidecar.Destination.ToString(), labels.GetProperty("subject").GetString());
        var annotations = firing.GetProperty("annotations");
        Assert.Contains(
            $"100% used for {sidecar.Destination} on {Sidecar.Alias}:{Sidecar.ExporterPort}",
            annotations.GetProperty("summary").GetString(),
            StringComparison.Ordinal
        );
        Assert.Equal(
            PoolCatalogue.All.Single(static pool => pool.Name == Pool).Remedy,
            annotations.GetProperty("remedy").GetString()
        );

        await sidecar.FreeAsync();
        await monitoring.EndPagesSoonAsync();
        await PageAsync(sidecar, "resolved", ResolveTimeout);
    }

    /// <summary>
    /// The alert about the destination. Other alerts are about the machine and may have other causes.
    /// </summary>
    static async Task<JsonElement> PageAsync(Sidecar sidecar, string status, TimeSpan timeout)
    {
        JsonElement? found = null;
        await Polling.UntilAsync(
            $"a page that is {status}",
            async () =>
            {
                foreach (var alert in await sidecar.PagesAsync())
                {
                    if (
                        alert.GetProperty("status").GetString() == status
                        && alert.GetProperty("labels").TryGetProperty("pool", out var pool)
                        && pool.GetString() == Pool
                    )
                    {
                        found = alert;
                    }
                }

                return found is not null;
            },
            timeout
        );
        return found!.Value;
    }
}
