using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Sysctls;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>The figures behind the advice on ports, read from a dump of sockets and from files.</summary>
public sealed class PortUseTests : IDisposable
{
    /// <summary>Timers in inet_diag: 1 is retransmission, 2 is keepalive, 3 is TIME_WAIT.</summary>
    const byte Keepalive = 2,
        TimeWait = 3;

    readonly FixtureProc _proc = new();

    public void Dispose() => _proc.Dispose();

    [Fact]
    public void Each_destination_has_its_own_sockets_by_what_they_wait_for()
    {
        var connect = Read(
            FakeKernel.Socket(TcpState.Listen, "0.0.0.0:8080"),
            FakeKernel.Socket(TcpState.Listen, "[::]:40099"),
            FakeKernel.Socket(TcpState.TimeWait, "10.0.0.1:40000", "192.0.2.1:443", TimeWait, 59_900),
            FakeKernel.Socket(TcpState.TimeWait, "10.0.0.1:40001", "192.0.2.1:443", TimeWait, 59_900),
            FakeKernel.Socket(TcpState.Established, "10.0.0.1:40002", "192.0.2.1:443"),
            FakeKernel.Socket(TcpState.Established, "10.0.0.1:40003", "192.0.2.1:443", Keepalive, 100),
            FakeKernel.Socket(TcpState.Established, "10.0.0.1:40004", "192.0.2.1:443", sent: 1),
            FakeKernel.Socket(TcpState.Established, "10.0.0.1:40005", "192.0.2.2:443"),
            FakeKernel.Socket(TcpState.Established, "10.0.0.1:40006", "192.0.2.2:443", received: 1),
            FakeKernel.Socket(TcpState.CloseWait, "10.0.0.1:40007", "192.0.2.2:443")
        );

        Assert.Equal([8080, 40099], connect.ListeningPorts);
        Assert.Equal(1, connect.Listening);
        Assert.Equal(
            [("192.0.2.1:443", 6, 5, 2, 1), ("192.0.2.2:443", 4, 3, 0, 1), (null, 1, 0, 0, 0)],
            connect.Connect.Select(static use =>
                (use.Destination?.ToString(), use.Used, use.Own, use.TimeWait, use.IdleWithoutKeepalive)
            )
        );
    }

    /// <summary>A UDP socket inside the range may have any port. Outside, its program chose the port.</summary>
    [Fact]
    public void Bound_UDP_ports_outside_the_range_are_those_of_services()
    {
        var ports = SamplingPass(
                null,
                [
                    FakeKernel.Socket(TcpState.Close, "0.0.0.0:51820"),
                    FakeKernel.Socket(TcpState.Close, "127.0.0.53:53"),
                    FakeKernel.Socket(TcpState.Close, "0.0.0.0:40001"),
                    FakeKernel.Socket(TcpState.Established, "10.0.0.1:39999", "192.0.2.1:443"),
                ]
            )
            .Get<UdpSockets>()
            .Value.Ports.Value;

        Assert.Equal([53, 51820], ports.ListeningPorts);
        Assert.Equal(0, ports.Listening);
    }

    [Fact]
    public void All_listeners_are_known_by_their_ports()
    {
        var ports = Read([
            .. Enumerable
                .Range(1000, 5000)
                .Select(static port => (Reading<byte[]>)FakeKernel.Socket(TcpState.Listen, $"0.0.0.0:{port}")),
        ]);

        Assert.Equal(Enumerable.Range(1000, 5000), ports.ListeningPorts.Select(static port => (int)port));
    }

    /// <summary>
    /// The same ports are exhausted for connect() and for bind(). The pool of the call that used them is the cause and
    /// comes first.
    /// </summary>
    [Theory]
    [InlineData(true, TcpState.Close, "0.0.0.0", "0.0.0.0:0", "ephemeral_bind_ports tcp 0.0.0.0")]
    [InlineData(
        true,
        TcpState.Established,
        "10.0.0.1",
        "192.0.2.1:443",
        "ephemeral_connect_ports tcp 10.0.0.1 192.0.2.1:443"
    )]
    [InlineData(false, TcpState.Close, "0.0.0.0", "0.0.0.0:0", "ephemeral_bind_ports udp 0.0.0.0")]
    [InlineData(false, TcpState.Established, "10.0.0.1", "192.0.2.1:443", "ephemeral_connect_ports udp 0.0.0.0 *")]
    public void The_cause_comes_first_among_equally_full_pools(
        bool isTcp,
        TcpState state,
        string source,
        string destination,
        string expected
    )
    {
        Reading<byte[]>[] sockets =
        [
            .. Enumerable.Range(40000, 100).Select(port => FakeKernel.Socket(state, $"{source}:{port}", destination)),
        ];
        var sampling = SamplingPass(isTcp ? sockets : [], isTcp ? [] : sockets);
        ImmutableArray<Reader> readers =
        [
            new FunctionReader<TcpSockets>("tcp_sockets", "", _ => sampling.Get<TcpSockets>()),
            new FunctionReader<UdpSockets>("udp_sockets", "", _ => sampling.Get<UdpSockets>()),
        ];

        var worst = Diagnosis
            .Judge(readers.SnapshotHere())
            .Findings.TakeWhile(static finding => finding.Level.Utilization == 1)
            .ToList();

        Assert.Equal(expected, string.Join(' ', [worst[0].Pool.Name, .. worst[0].Level.Labels]));
        Assert.Contains(worst, static finding => finding.Pool.Name == "ephemeral_bind_ports");
        Assert.Contains(worst, static finding => finding.Pool.Name == "ephemeral_connect_ports");
    }

    /// <summary>gVisor has no tcp_tw_reuse.</summary>
    [Fact]
    public void Without_tcp_tw_reuse_no_port_in_TIME_WAIT_is_reused()
    {
        _proc["sys/net/ipv4/tcp_tw_reuse"] = null;

        var connect = Read(
            FakeKernel.Socket(TcpState.TimeWait, "127.0.0.1:40000", "127.0.0.1:443", TimeWait, expires: 100)
        ).Connect;

        Assert.Equal((1, 1), (connect[0].Used, connect[0].TimeWait));
    }

    [Fact]
    public void Limits_of_listeners_and_processes_are_read()
    {
        _proc["sys/net/core/somaxconn"] = "128\n";
        _proc["sys/fs/nr_open"] = "1048576\n";
        Assert.Equal(128, SamplingPass().Get<SocketLimits>().Value.ListenBacklog.Value);
        Assert.Equal(1048576, SamplingPass().Get<FileNr>().Value.ProcessMaximum.Value);
        Assert.False(SamplingPass().Get<SocketLimits>().Value.AreOfChild);

        _proc["sys/net/ipv4/tcp_mem"] = null;
        Assert.True(SamplingPass().Get<SocketLimits>().Value.AreOfChild);
    }

    /// <summary>
    /// A line that names the key beats a glob, even a later glob. So no file is reported to override the key.
    /// </summary>
    [Theory]
    [InlineData("fs.file-max = 7", "/etc/sysctl.d/99-last.conf")]
    [InlineData("fs.* = 7", "/etc/sysctl.d/90-openclaw.conf")]
    [InlineData("# fs.file-max = 7", "/etc/sysctl.d/90-openclaw.conf")]
    public void The_file_whose_line_counts_is_known(string text, string file)
    {
        _proc["sys/fs/file-max"] = "7\n";
        _proc["etc/sysctl.d/99-last.conf"] = text + "\n";

        Assert.Equal(file, SamplingPass().Get<PersistedSysctls>().Value.SetIn["fs.file-max"]);
    }

    Kernel.Ports.EphemeralPorts Read(params Reading<byte[]>[] sockets) =>
        SamplingPass(sockets).Get<TcpSockets>().Value.Ports.Value;

    SamplingPass SamplingPass(Reading<byte[]>[]? tcp = null, Reading<byte[]>[]? udp = null) =>
        Kernel.Sampling.SamplingPass.Run(
            KernelReaders.All(new ProcMount(_proc.Root), new Regex("openclaw"), 10, _proc.Root, _ => new FakeKernel(
                (type, family) =>
                    [
                        .. (type, family) switch
                        {
                            (LinuxInetDiag.TCPDIAG_GETSOCK, _) => tcp,
                            (_, SysSocket.AF_INET) => udp,
                            _ => null,
                        } ?? [],
                        FakeKernel.Done(),
                    ]
            )),
            Deadline.After(TimeSpan.FromSeconds(30))
        );
}
