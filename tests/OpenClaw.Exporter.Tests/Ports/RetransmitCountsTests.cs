using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;

namespace OpenClaw.Exporter.Tests;

/// <summary>Retransmits are counted once each, also where sockets come and go.</summary>
public class RetransmitCountsTests
{
    static readonly SocketPair Pair = new(SocketAddress.AnyIPv4, SocketAddress.AnyIPv6, 443, 0);
    static readonly SocketPair Other = Pair with { DestinationPort = 80 };

    readonly RetransmitCounts _counts = new();

    [Fact]
    public void A_rise_of_a_socket_is_counted_once()
    {
        Walk((Pair, 1, 3), (Other, 2, 1));
        Walk((Pair, 1, 3), (Other, 2, 1));
        Walk((Pair, 1, 5), (Other, 2, 1));

        Assert.Equal((5, 1), (_counts[Pair], _counts[Other]));
    }

    /// <summary>The sum over the open sockets stays the same here.</summary>
    [Fact]
    public void A_socket_that_closes_hides_no_rise_of_another()
    {
        Walk((Pair, 1, 3), (Pair, 2, 4));
        Walk((Pair, 2, 7));

        Assert.Equal(10, _counts[Pair]);
    }

    [Fact]
    public void Another_socket_at_the_same_address_is_a_new_one()
    {
        Walk((Pair, 1, 9));
        Walk((Pair, 1, 2));
        Walk((Other, 1, 2));

        Assert.Equal((11, 2), (_counts[Pair], _counts[Other]));
    }

    [Fact]
    public void A_pair_without_sockets_is_forgotten()
    {
        Walk((Pair, 1, 9));
        _counts.Add([], []);

        Assert.Equal(0, _counts[Pair]);
    }

    void Walk(params ReadOnlySpan<(SocketPair Pair, int Address, int Count)> sockets)
    {
        var resending = new List<SocketRetransmits>();
        foreach (var (pair, address, count) in sockets)
            resending.Add(new(pair, (ulong)address, count));
        _counts.Add([Pair, Other], resending);
    }
}
