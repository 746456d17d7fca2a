using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Verification;

namespace OpenClaw.Exporter.Tests;

/// <summary>The judgement of a watch, over samples of a machine of fixtures.</summary>
public class PoolWatchTests
{
    [Fact]
    public async Task A_level_creeps_where_its_lowest_use_rises()
    {
        var watch = new PoolWatch();
        await WatchAsync(watch, static number => 100 + (20 * number) + (number % 2 * 30));

        Assert.Equal(["TIME_WAIT sockets by 110 to 340"], watch.Creep());
        Assert.Equal(PoolCatalogue.TimeWaitSockets, watch.Closest!.Pool);
        Assert.Null(watch.Critical);
    }

    [Fact]
    public async Task A_rhythm_does_not_creep()
    {
        var watch = new PoolWatch();
        await WatchAsync(watch, static number => 100 + (number % 4 * 100));

        Assert.Equal([], watch.Creep());
    }

    [Fact]
    public async Task Few_samples_are_no_judgement()
    {
        var watch = new PoolWatch();
        await WatchAsync(watch, static _ => 100, samples: 5);

        Assert.Null(watch.Creep());
    }

    [Fact]
    public async Task A_level_that_stays_higher_after_a_test_is_named()
    {
        var watch = new PoolWatch();
        await WatchAsync(watch, static number => 100 * number, samples: 4);

        Assert.Equal(["TIME_WAIT sockets by 300 to 400"], watch.Remaining(await DiagnoseAsync(400)));
        Assert.Empty(watch.Remaining(await DiagnoseAsync(105)));
    }

    [Fact]
    public async Task A_critical_level_is_kept_although_it_is_over()
    {
        var watch = new PoolWatch();
        await WatchAsync(watch, static number => number == 2 ? 1000 : 10, samples: 4);

        Assert.Equal(1000, watch.Critical!.Level.Used);
        Assert.Equal(1000, watch.Closest!.Level.Used);
    }

    /// <summary>A process that leaks beside the test is no result of it. A lack of ports is.</summary>
    [Theory]
    [InlineData("process_file_descriptors", true)]
    [InlineData("neighbour_entries", true)]
    [InlineData("conntrack_entries", false)]
    public async Task A_pool_that_was_critical_before_fails_only_where_connections_take_it(string pool, bool isBeside)
    {
        using var machine = new FilledMachine();
        machine.Fill(pool, 1);
        var watch = new PoolWatch();
        watch.Add(await machine.DiagnoseAsync());
        watch.Add(await machine.DiagnoseAsync());

        Assert.Equal(isBeside, watch.Critical is null);
        Assert.Equal(isBeside, watch.CriticalBefore.Any(finding => finding.Pool.Name == pool));
        Assert.Equal(isBeside, watch.Closest?.Condition != PoolCondition.Critical);

        machine.Fill("time_wait_sockets", 1);
        watch.Add(await machine.DiagnoseAsync());
        Assert.Equal(isBeside ? "time_wait_sockets" : pool, watch.Critical?.Pool.Name);
    }

    [Fact]
    public async Task A_test_uses_at_most_four_fifths_of_free_ports_below_the_threshold()
    {
        using var machine = new FilledMachine();
        Assert.Equal(new(80, "Ephemeral connect ports"), Headroom.Compute(await machine.DiagnoseAsync(), 2));

        machine.Fill("ephemeral_bind_ports", 0.5);
        var half = Headroom.Compute(await machine.DiagnoseAsync(), 2);
        Assert.Equal(new(39, "Ephemeral bind ports"), half);

        machine.Fill("ephemeral_connect_ports", 1);
        Assert.Equal(0, Headroom.Compute(await machine.DiagnoseAsync(), 2).Connections);
    }

    /// <summary>Nobody knows how much is free then, so that a test must open nothing, and is never passed.</summary>
    [Fact]
    public async Task A_watch_is_blind_where_ports_cannot_be_read()
    {
        using var machine = new FilledMachine();
        var watch = new PoolWatch();
        watch.Add(await machine.DiagnoseAsync());
        Assert.False(watch.IsBlind);

        machine.Write("sys/net/ipv4/ip_local_port_range", "none\n");
        watch.Add(await machine.DiagnoseAsync());

        Assert.True(watch.IsBlind);
        Assert.Contains(watch.Unseen, static part => part.Contains("ip_local_port_range", StringComparison.Ordinal));
    }

    static async Task WatchAsync(PoolWatch watch, Func<int, long> timeWait, int samples = 12)
    {
        for (var number = 1; number <= samples; number++)
            watch.Add(await DiagnoseAsync(timeWait(number)));
    }

    static async Task<Diagnosis> DiagnoseAsync(long timeWait)
    {
        using var machine = new FilledMachine();
        machine.TimeWait = timeWait;
        return await machine.DiagnoseAsync();
    }
}
