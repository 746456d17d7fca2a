using System.Net;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Conntrack;
using OpenClaw.Kernel.Sampling;
using SocketAddress = OpenClaw.Kernel.InetDiag.SocketAddress;

namespace OpenClaw.Exporter.Tests;

public class ConntrackHolderWordsTests
{
    /// <summary>A scan has one source and many destinations, so none of these has most of its entries.</summary>
    [Theory]
    [InlineData(80, "most of them, 80, are connections to 192.0.2.1:443 (TCP)")]
    [InlineData(1, "at most 1 of them are connections to 192.0.2.1:443 (TCP)")]
    public async Task Only_a_destination_with_more_than_half_has_most_entries(long entries, string note)
    {
        var tracked = new TrackedConnections(
            100,
            [new(Address("192.0.2.9"), 100)],
            [new(6, Address("192.0.2.1"), 443, entries)],
            [],
            new([], 0)
        );
        var reader = new FunctionReader<TrackedConnections>("tracked_connections", "", _ => tracked);
        var view = (await new Sampler([reader], TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10))).Own;

        Assert.Equal([note], ConntrackHolders.OfEntries(view).Notes);
    }

    static SocketAddress Address(string text) => SocketAddress.FromIPv4(IPAddress.Parse(text).GetAddressBytes());
}
