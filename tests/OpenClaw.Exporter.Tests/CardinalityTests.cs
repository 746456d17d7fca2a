using System.Text.RegularExpressions;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Pools;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Procfs;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

public class CardinalityTests(ITestOutputHelper output)
{
    const int Processes = 5_000;
    const int Listeners = 1_000;
    const int Destinations = 10_000;
    const int SeriesAtMost = 600;

    [Fact]
    public async Task A_crowded_machine_has_no_more_series_than_one_can_keep()
    {
        using var proc = new FixtureProc();
        for (var i = 0; i < Processes; i++)
            proc.AddProcess(10_000 + i, $"openclaw-{i}", "", descriptors: 1, "1024");
        byte[][] sockets =
        [
            .. Enumerable.Range(1, Listeners).Select(static port => FakeKernel.Socket(TcpState.Listen, $"0.0.0.0:{port}")),
            .. Enumerable.Range(0, Destinations).Select(static i => FakeKernel.Socket(
                TcpState.Established, $"10.0.{i % 200}.1:{40000 + (i % 100)}", $"10.{1 + (i / 250)}.{i % 250}.1:443")),
            FakeKernel.Done(),
        ];
        var readers = KernelReaders.All(new ProcMount(proc.Root), new Regex("openclaw"), 10, proc.Root, _ => new FakeKernel((type, _) =>
            type == LinuxInetDiag.TCPDIAG_GETSOCK ? sockets.Select(static datagram => (Reading<byte[]>)datagram) : [FakeKernel.Done()]));
        var snapshot = await new Sampler(readers, TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(Processes + 1, snapshot.Get<ProcessTable>().Value.Processes.Length);
        Assert.Equal(Destinations, snapshot.Get<TcpSockets>().Value[TcpState.Established]);

        var series = MetricCatalogue.All.Sum(family => family.Read(Diagnosis.Of(snapshot)).Count());

        output.WriteLine($"{series} series");
        Assert.InRange(series, 100, SeriesAtMost);
    }
}
