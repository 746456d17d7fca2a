using System.Net;
using CsCheck;
using OpenClaw.Kernel.Refusals;

namespace OpenClaw.Exporter.Tests;

/// <summary>Refused calls count once, and no count falls while it is shown.</summary>
public class RefusalTallyTests
{
    static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Calls_beyond_the_named_destinations_are_the_others()
    {
        var tally = new RefusalTally(2);

        tally.Add(Refused("a", 5, 1));
        tally.Add(Refused("b", 3, 2));
        tally.Add(Refused("c", 2, 3));
        tally.Add(Refused("a", 1, 4, pid: 9));

        var counts = tally.ToRefusedConnects();
        Assert.Equal(
            [("a", 6L, 9), ("b", 3L, 1)],
            counts.Worst.Select(static one => (one.Process, one.Count, one.Pid))
        );
        Assert.Equal(2, counts.Others);
        Assert.Equal(Start.AddSeconds(4), tally.Last);
    }

    [Fact]
    public void A_destination_that_joins_the_worst_counts_from_then()
    {
        var tally = new RefusalTally(1);

        tally.Add(Refused("a", 5, 1));
        tally.Add(Refused("b", 4, 2));
        tally.Add(Refused("b", 7, 3));

        var counts = tally.ToRefusedConnects();
        Assert.Equal([("b", 7L)], counts.Worst.Select(static one => (one.Process, one.Count)));
        Assert.Equal(4, counts.Others);
    }

    [Fact]
    public void No_count_falls_while_it_is_shown() =>
        Gen.Select(Gen.Int[0, 40], Gen.Long[1, 50])
            .Array[1, 300]
            .Sample(calls =>
            {
                var tally = new RefusalTally(3);
                var before = tally.ToRefusedConnects();
                foreach (var (i, (process, count)) in calls.Index())
                {
                    tally.Add(Refused($"{process}", count, i));
                    var now = tally.ToRefusedConnects();
                    Assert.True(now.Others >= before.Others);
                    Assert.InRange(now.Worst.Length, 1, 3);
                    var shown = before.Worst.ToDictionary(static one => one.Process, static one => one.Count);
                    Assert.All(now.Worst, one => Assert.True(one.Count >= shown.GetValueOrDefault(one.Process)));
                    Assert.Equal(
                        count,
                        now.Others
                            - before.Others
                            + now.Worst.Sum(one => one.Count - shown.GetValueOrDefault(one.Process))
                    );
                    before = now;
                }
            });

    static RefusedConnect Refused(string process, long count, int second, int pid = 1) =>
        new()
        {
            Process = process,
            Pid = pid,
            Destination = new(IPAddress.Loopback, 80),
            CgroupId = 1,
            Count = count,
            Last = Start.AddSeconds(second),
        };
}
