using OpenClaw.Exporter.Cli;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

/// <summary>The round trip and retransmits of the destinations that are shown.</summary>
public class DestinationFamilyTests
{
    const string Trip = "openclaw_network_destination_round_trip_seconds";
    const string Retransmits = "openclaw_network_destination_retransmits_total";

    static readonly SocketAddress Source = SocketAddress.FromIPv4([10, 0, 0, 1]);

    [Fact]
    public async Task A_destination_has_what_the_walk_measured_and_nothing_else()
    {
        using var machine = new RecordedMachine();
        machine.Give(
            "tcp_sockets",
            Sockets(
                190,
                new DestinationPath(TimeSpan.FromMilliseconds(1.5), 3, 40),
                new DestinationPath(null, 0, 0),
                new DestinationPath(TimeSpan.FromMilliseconds(2), 7, null),
                null
            )
        );

        await machine.SampleAsync();

        var series = await machine.Sampling.SeriesAsync(machine.Readers());
        Assert.Equal(
            [
                (Retransmits + "{self,10.0.0.1,10.0.0.1:1}", 40),
                (Retransmits + "{self,10.0.0.1,10.0.0.1:2}", 0),
                (Trip + "{self,10.0.0.1,10.0.0.1:1}", 0.0015),
                (Trip + "{self,10.0.0.1,10.0.0.1:3}", 0.002),
            ],
            series
                .Where(static one => one.Key.Contains("destination_", StringComparison.Ordinal))
                .Select(static one => (one.Key, one.Value))
                .Order()
        );
        var forms = (await machine.Sampling.RenderAsync()).ToDictionary();
        Assert.Contains(
            "<li><strong>round trip 1.5 ms</strong> <span>3 retransmits of open sockets</span></li>",
            forms["html"],
            StringComparison.Ordinal
        );
        using var text = new StringWriter { NewLine = "\n" };
        new DiagnosisPrinter(text, inColour: false, isVerbose: true).PrintDiagnosis(machine.Sampling.Diagnosis);
        Assert.Matches("\n  path +round trip 1.5 ms, 3 retransmits of open sockets\n", text.ToString());
    }

    [Fact]
    public async Task A_further_namespace_has_only_its_fullest_destination()
    {
        using var machine = new RecordedMachine();
        var other = RecordedSampling.Other("shop", 4026532001);
        var path = new DestinationPath(TimeSpan.FromMilliseconds(1), 0, 0);
        machine.Give("network_namespaces", new NetworkNamespaces([RecordedSampling.Own("host"), other]));
        await machine.GiveNamespacesAsync(
            0,
            (other, [RecordedSampling.Given("tcp_sockets", Sockets(20, path, path))], (Missing?)null)
        );

        await machine.SampleAsync();

        Assert.Equal(
            [Retransmits + "{shop,10.0.0.1,10.0.0.1:1}", Trip + "{shop,10.0.0.1,10.0.0.1:1}"],
            (await machine.Sampling.SeriesAsync(machine.Readers()))
                .Keys.Where(static name => name.Contains("destination_", StringComparison.Ordinal))
                .Order()
        );
    }

    /// <summary>Returns sockets to the ports 1, 2, … of one address, each with a path, the fullest first.</summary>
    static TcpSockets Sockets(int most, params DestinationPath?[] paths) =>
        TcpSockets.None with
        {
            Ports = new EphemeralPorts(
                200,
                [
                    .. paths.Select(
                        (path, i) =>
                            new ConnectPorts(Source, new Destination(Source, (ushort)(i + 1)), 0, most - i, true)
                            {
                                Own = most - i,
                                Path = path,
                            }
                    ),
                    new(null, null, 0, 0, true),
                ],
                []
            ),
        };
}
