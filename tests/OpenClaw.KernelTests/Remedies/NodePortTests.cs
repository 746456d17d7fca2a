using System.Net;
using System.Net.Sockets;

namespace OpenClaw.KernelTests;

/// <summary>
/// Tests the remedy on a machine of Kubernetes: the wider range includes the NodePorts, where no process listens.
/// </summary>
public class NodePortTests
{
    const ushort Destination = 8081;

    static readonly IPAddress Loopback = IPAddress.Loopback;

    [Theory]
    [InlineData("kubelet", true)]
    [InlineData("k3s", true)]
    [InlineData("other", false)]
    public async Task NodePorts_are_reserved_where_a_kubelet_runs(string program, bool isReserved)
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        netns.Sysctl("net.ipv4.ip_local_port_range", "18000 18039");
        var beside = PrivateProcesses.Start(netns);
        var copy = folder.CopyProgram(InstalledProgram.Find("sleep"), program);
        netns.Start(new(beside[0], [.. beside.Skip(1), copy, "600"]));
        await Polling.UntilAsync("the program runs", async () => (await NamesAsync()).Contains(program));
        using var destination = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
        Assert.Equal(0, destination.Bind(Loopback, Destination));
        destination.Listen();
        using (netns.Run(static () => new PortExhaustion(new(Loopback, Destination))))
        {
            var pools = await PublishedDiagnosis.DiagnoseByAsync(
                netns,
                beside[0],
                beside.Skip(1),
                "--collector.processes"
            );
            var worst = pools.GetProperty("pools")[0];
            Assert.Equal("ephemeral_connect_ports", PublishedDiagnosis.Text(worst, "pool"));
            await PublishedDiagnosis.RunAsync(netns, worst);

            using var another = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
            Assert.Equal(0, another.Connect(Loopback, Destination));
            another.Abort();
        }

        // A socket that may be assigned a NodePort, or a port that belongs to nobody.
        foreach (var (nodePort, other) in (ReadOnlySpan<(ushort, ushort)>)[(30000, 29999), (32767, 32768)])
        {
            using var socket = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
            var range = (Math.Min(nodePort, other), Math.Max(nodePort, other));
            socket.LocalPortRange = range;
            using var second = netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
            second.LocalPortRange = range;
            Assert.Equal(0, socket.Bind(Loopback, 0));
            Assert.Equal(isReserved ? RawSocket.EADDRINUSE : 0, second.Bind(Loopback, 0));
            if (isReserved)
                Assert.Equal(other, socket.LocalPort);
        }

        async Task<string> NamesAsync()
        {
            var list = netns.Start(
                new(beside[0], [.. beside.Skip(1), "sh", "-c", "cat /proc/[0-9]*/comm"])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            );
            return await list.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
    }
}
