using System.Text;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>The counts by which sockets are found that no protocol counts.</summary>
public sealed class ProtocolSocketsTests : IDisposable
{
    const string Header = "protocol  size sockets  memory press maxhdr  slab module     cl co di ac\n";

    readonly FixtureProc _proc = new();

    public void Dispose() => _proc.Dispose();

    [Theory]
    [InlineData(
        Header + "PACKET    1600      1      -1   NI       0   no   kernel\nTCP 2368 4 3 no 320 yes kernel\n",
        5
    )]
    [InlineData(Header + "UNIX      1024     -1      -1   NI       0   yes  kernel\n", 0)]
    [InlineData("sockets protocol\n7 TCP\n2 UDP\n", 9)]
    [InlineData(Header, 0)]
    public void The_column_is_found_by_its_name(string text, long total) =>
        Assert.Equal(total, ProtocolSockets.Parse(Encoding.ASCII.GetBytes(text)).Value.Total);

    [Theory]
    [InlineData("")]
    [InlineData("protocol size\nTCP 1\n")]
    [InlineData(Header + "TCP 2368\n")]
    [InlineData(Header + "TCP 2368 many 3\n")]
    [InlineData(Header + "TCP 2368 99999999999999999999 3\n")]
    public void Another_form_is_malformed(string text) =>
        Assert.Equal(Absence.Malformed, ProtocolSockets.Parse(Encoding.ASCII.GetBytes(text)).Missing?.Reason);

    /// <summary>The kernel's own sockets are among those of UDP, and not among those used.</summary>
    [Theory]
    [InlineData(5, "UNIX-STREAM 1024 5 -1 NI 0 yes kernel", false, true)]
    [InlineData(5, "UNIX 1024 4 -1 NI 0 yes kernel", true, false)]
    [InlineData(0, "UNIX 1024 0 -1 NI 0 yes kernel", false, false)]
    [InlineData(0, "UDP 1024 2 -1 NI 0 yes kernel", false, false)]
    [InlineData(1, "UDP 1024 2 -1 NI 0 yes kernel", true, false)]
    [InlineData(1, "TCPv6 1024 1 -1 NI 0 yes kernel", true, true)]
    [InlineData(2, "TCP 1024 1 -1 NI 0 yes kernel", true, false)]
    [InlineData(1, "TCP 1024 2 -1 NI 0 yes kernel", true, false)]
    [InlineData(1, "TCP 1024 1 -1 NI 0 yes kernel\nUDP 1024 1 -1 NI 0 yes kernel", true, false)]
    [InlineData(5, null, true, false)]
    public void Uncounted_sockets_may_be_bound(long used, string? counted, bool mayBeBound, bool byTcpAlone)
    {
        _proc["thread-self/net/sockstat"] =
            $"sockets: used {used}\nTCP: inuse 0 orphan 0 tw 0 alloc 9 mem 0\nUDP: inuse 0 mem 0\n";
        _proc["thread-self/net/protocols"] = counted is null ? null : $"{Header}{counted}\n";
        var mount = new ProcMount(_proc.Root);

        var sockets = SocketsInUse.Read(mount).FindBoundOnly(mount);

        Assert.Equal((mayBeBound, !mayBeBound), (sockets.MayBeBoundOnly, sockets.IsNone));
        Assert.Equal(byTcpAlone, sockets.IsHiddenByTcpAlone);
    }
}
