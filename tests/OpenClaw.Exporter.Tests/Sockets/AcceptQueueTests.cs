using System.Collections.Immutable;
using CsCheck;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

public class AcceptQueueTests
{
    const int Worst = 10;

    static readonly Gen<(int Address, int Port, uint Waiting, uint Backlog)[]> Listeners = Gen.Select(
        Gen.Int[1, 30],
        Gen.Int[1, 3],
        Gen.UInt[0, 12],
        Gen.UInt[0, 9]
    ).Array[0, 200];

    /// <summary>Addresses and numbers are few and small, so that equal addresses and equal levels occur.</summary>
    [Fact]
    public void The_fullest_listener_of_each_address_is_kept_whatever_the_order() =>
        Listeners.Sample(static listeners =>
        {
            var expected = listeners
                .GroupBy(static listener => $"10.0.0.{listener.Address}:{listener.Port}")
                .Select(static group =>
                    group
                        .OrderByDescending(static l => (double)l.Waiting / (l.Backlog + 1))
                        .ThenByDescending(static l => l.Waiting)
                        .First()
                )
                .OrderByDescending(static l => (double)l.Waiting / (l.Backlog + 1))
                .ThenByDescending(static l => l.Waiting)
                .ThenBy(static l => l.Address)
                .ThenBy(static l => l.Port)
                .Take(Worst)
                .Select(static l => $"10.0.0.{l.Address}:{l.Port} {l.Waiting}/{l.Backlog}");

            var found = Fold(
                listeners.Select(static l =>
                    FakeKernel.Socket(
                        TcpState.Listen,
                        $"10.0.0.{l.Address}:{l.Port}",
                        received: l.Waiting,
                        sent: l.Backlog
                    )
                )
            );

            Assert.Equal(
                expected,
                found.Select(static queue => $"{queue.Address}:{queue.Port} {queue.Waiting}/{queue.Backlog}")
            );
        });

    [Fact]
    public void Listeners_that_share_an_address_are_counted_and_the_full_ones_among_them()
    {
        var found = Fold(
            new (string Address, uint Waiting)[]
            {
                ("0.0.0.0:80", 0),
                ("0.0.0.0:80", 11),
                ("0.0.0.0:81", 3),
                ("0.0.0.0:80", 10),
            }.Select(static one => FakeKernel.Socket(TcpState.Listen, one.Address, received: one.Waiting, sent: 10))
        );

        Assert.Equal(
            [(80, 3, 1), (81, 1, 0)],
            found.Select(static queue => ((int)queue.Port, queue.Group!.Value, queue.FullOnes))
        );
        Assert.Equal(
            ["1 of 3 listeners on 0.0.0.0:80", "0.0.0.0:81"],
            found.Select(static queue => new ListenerSubject(queue, "").Words)
        );
        Assert.Equal("0.0.0.0:80", new ListenerSubject(found[0], "").Name);
    }

    [Fact]
    public void Five_thousand_listeners_take_no_memory()
    {
        var records = Enumerable
            .Range(1, 5000)
            .Select(static i =>
                FakeKernel.Socket(TcpState.Listen, $"[fd00::{i:x}]:{i}", received: (uint)i % 7, sent: 6)[16..]
            )
            .ToArray();
        var fold = new SocketFold(isTcp: true, Worst);
        fold.Restart(null);
        // The first rounds are left out: the runtime allocates when code runs for the first time.
        var allocated = new long[4];
        for (var round = 0; round < allocated.Length; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var record in records)
                fold.TryAdd(record);
            allocated[round] = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated[^1]);
        Assert.Equal(Worst, fold.ToListeners().Length);
        Assert.All(fold.ToListeners(), static queue => Assert.Equal(6u, queue.Waiting));
    }

    static ImmutableArray<Listener> Fold(IEnumerable<byte[]> messages)
    {
        var fold = new SocketFold(isTcp: true, Worst);
        fold.Restart(null);
        foreach (var message in messages)
            Assert.True(fold.TryAdd(message.AsSpan(16)));
        return fold.ToListeners();
    }
}
