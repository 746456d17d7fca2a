using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>The program in the kernel and the dump of inet_diag show the same UDP sockets.</summary>
public sealed class UdpWalkTests : IDisposable
{
    static readonly string Types = Path.Combine("/sys", Btf.File);

    readonly PrivateNamespace _netns = new();
    readonly List<RawSocket> _open = [];

    public void Dispose()
    {
        foreach (var socket in _open)
            socket.Dispose();
        _netns.Dispose();
    }

    /// <summary>
    /// Wildcards and addresses of both families, IPv4-mapped ones, IPV6_V6ONLY, connected or not, inside the range and
    /// outside.
    /// </summary>
    [Fact]
    public void Sockets_are_those_of_the_dump()
    {
        _netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40099");
        _netns.Sysctl("net.ipv4.ip_local_reserved_ports", "40010-40012");
        using var program = UdpWalkProgram.Attach(Types).Value;
        var port = 40000;
        _netns.Run(() =>
        {
            foreach (
                var address in (string[])
                    ["0.0.0.0", "127.0.0.1", "127.0.0.2", "::", "::1", "::ffff:127.0.0.3", "::ffff:0.0.0.0"]
            )
            {
                var isIPv6 = address.Contains(':', StringComparison.Ordinal);
                var isMapped = address.Contains('.', StringComparison.Ordinal);
                foreach (var isIPv6Only in isIPv6 && !isMapped ? (bool[])[false, true] : [false])
                {
                    Open(address, port++, isIPv6Only);
                    Open(address, port++, isIPv6Only, isIPv6 && !isMapped ? "::1" : "127.0.0.1");
                    Open(address, 9000 + port, isIPv6Only);
                    Open(address, 9100 + port, isIPv6Only, isIPv6 && !isMapped ? "::1" : "127.0.0.1");
                }
            }
        });
        Assert.True(port > 40012);

        var (walked, dumped) = (Read(program), Read(null));

        Assert.Equal(_open.Count, walked.Count);
        Assert.Equal(dumped.Count, walked.Count);
        var (ports, expected) = (walked.Ports.Value, dumped.Ports.Value);
        Assert.Equal(expected.ListeningPorts, ports.ListeningPorts);
        Assert.Equal((expected.Limit, expected.Listening), (ports.Limit, ports.Listening));
        Assert.True(ports.IsExact);

        // The dump shows IPV6_V6ONLY only of sockets that are not connected, so the walk may know of more ports.
        Assert.Equal(
            expected.Bind.Select(static use => use.Address).Order(),
            ports.Bind.Select(static use => use.Address).Order()
        );
        foreach (var use in ports.Bind)
        {
            var other = expected.Bind.Single(one => one.Address == use.Address);
            Assert.Equal(use.Used, other.IsExact ? other.Used : Math.Max(other.Used, use.Used));
        }

        Assert.Equal(expected.Connect.Select(static use => use.Own), ports.Connect.Select(static use => use.Own));
    }

    [Fact]
    public void Few_sockets_load_no_program_and_without_it_the_dump_is_read()
    {
        var refused = new Lazy<Reading<UdpWalkProgram>>(static () => UdpWalkProgram.Attach("/nowhere"));
        _netns.Run(() => Open("127.0.0.1", 5353, isIPv6Only: false));

        Assert.Equal(1, Run(refused, few: 2).Reading.Value.Count);
        Assert.False(refused.IsValueCreated);
        var run = Run(refused, few: 1);
        Assert.True(refused.IsValueCreated);
        Assert.Equal((1, null, null), (run.Reading.Value.Count, run.Failure, run.Fallback));
    }

    [Fact]
    public void Where_the_map_is_full_the_dump_is_read()
    {
        using var program = UdpWalkProgram.Attach(Types, addresses: 1).Value;
        _netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40099");
        _netns.Run(() => Open("127.0.0.1", 40000, isIPv6Only: false));
        Assert.Equal("bpf iter/udp", Run(new(() => program), few: 0).Source);
        _netns.Run(() => Open("127.0.0.2", 40001, isIPv6Only: false));

        var run = Run(new(() => program), few: 0);

        Assert.Equal((2, "inet_diag, SOCK_DIAG_BY_FAMILY"), (run.Reading.Value.Count, run.Source));
        Assert.Equal(2, run.Reading.Value.Ports.Value.Bind[0].Used);
    }

    void Open(string address, int port, bool isIPv6Only, string? peer = null)
    {
        var socket = RawSocket.Open(SocketType.Dgram, address.Contains(':', StringComparison.Ordinal));
        _open.Add(socket);
        if (isIPv6Only)
            socket.IPv6Only = true;
        Assert.Equal(0, socket.Bind(IPAddress.Parse(address), (ushort)port));
        if (peer is not null)
            Assert.Equal(0, socket.Connect(IPAddress.Parse(peer), 53));
    }

    UdpSockets Read(UdpWalkProgram? program) => Run(program is null ? null : new(() => program), few: 0).Reading.Value;

    ReaderRun<UdpSockets> Run(Lazy<Reading<UdpWalkProgram>>? program, int few)
    {
        var reader = SocketReaders.Udp(
            new ProcMount(),
            static timeout => NetlinkSocket.OpenSockDiag(timeout).Select<INetlinkTransport>(static socket => socket),
            worst: 100,
            program,
            few
        );
        ImmutableArray<Reader> readers =
        [
            .. KernelSampling.Readers().Where(static one => one.Name == "ephemeral_port_settings"),
            reader,
        ];
        return (ReaderRun<UdpSockets>)
            _netns.Run(() =>
                SamplingPass
                    .Run(readers, Deadline.After(TimeSpan.FromSeconds(20)))
                    .Runs()
                    .Single(run => run.Reader == reader)
            );
    }
}
