using System.Collections.Immutable;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// TCP sockets that are bound, but neither connected nor listening, need their own walk in the kernel. The walk is
/// skipped where no such socket can exist.
/// </summary>
public class BoundOnlyTests
{
    /// <summary>TCP_BOUND_INACTIVE as a bit of idiag_states.</summary>
    const uint BoundOnly = 1u << 13;

    /// <summary>The offset of the states in struct inet_diag_req, behind the netlink header.</summary>
    const int StatesOffset = 16 + 52;

    [Fact]
    public void They_are_asked_for_unless_there_are_none()
    {
        Assert.Equal(uint.MaxValue, StatesAsked());
        Assert.Equal(uint.MaxValue, StatesAsked(InUse(1, 2)));
        Assert.Equal(~BoundOnly, StatesAsked(InUse(1, 1) with { MayBeBoundOnly = false }));
    }

    [Theory]
    [InlineData(7, 7, true)]
    [InlineData(8, 8, false)]
    [InlineData(7, 8, false)]
    [InlineData(8, 7, false)]
    public void There_are_none_while_as_many_sockets_are_allocated_as_in_use(
        long before,
        long after,
        bool areAllHashed
    ) =>
        Assert.Equal(
            areAllHashed,
            NamespaceSnapshotsReader.AreAllHashed([InUse(4, before), InUse(2, 0), InUse(1, after)])
        );

    [Fact]
    public void Unreadable_counts_mean_in_use() =>
        Assert.False(
            NamespaceSnapshotsReader.AreAllHashed([
                new(new Missing(Absence.NotPermitted, ""), 0, true, true),
                InUse(0, 0),
            ])
        );

    static SocketsInUse InUse(long tcp, long allocated) =>
        new(new Sockstat(0, tcp, 0, 0, 0, 0, 0) { TcpAllocated = allocated }, tcp, true, true);

    static uint StatesAsked(params ImmutableArray<object> known)
    {
        var netlink = new ScriptedNetlink(ScriptedNetlink.Dump(0));
        var reader = SocketReaders.Tcp(
            new ProcMount(),
            _ => ((Reading<ScriptedNetlink>)netlink).Select<INetlinkTransport>(static one => one),
            worst: 10
        );
        var sampling = SamplingPass.Run([reader], Deadline.After(TimeSpan.FromSeconds(1)), known: known);
        Assert.True(sampling.Get<TcpSockets>().TryGet(out _));
        return BitConverter.ToUInt32(netlink.Request.AsSpan(StatesOffset));
    }
}
