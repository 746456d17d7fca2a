using System.Text.RegularExpressions;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

public sealed class PoolPeakTests : IDisposable
{
    readonly FixtureProc _proc = new();
    readonly SteppedClock _clock = new();

    public void Dispose() => _proc.Dispose();

    /// <summary>The clock throws, since no other part of the reader can.</summary>
    [Fact]
    public async Task A_mistake_is_reported_and_does_not_end_the_looking()
    {
        var readers = KernelReaders.All(new ProcMount(_proc.Root), new Regex("openclaw"), 10, _proc.Root);
        var clock = new FailingClock { Fails = true };
        using var peaks = new PoolPeaksReader(readers, clock);
        async Task<ReaderRun> RunAsync(Func<ReaderRun, bool> until)
        {
            for (var attempt = 0; ; attempt++)
            {
                var run = peaks.RunHere();
                if (until(run) || attempt == 100)
                    return run;
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }

        await peaks.StartAsync(TestContext.Current.CancellationToken);

        Assert.Contains(
            "no time",
            (await RunAsync(static run => run.Failure is not null)).Failure?.Detail,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            nameof(FailingClock),
            (await RunAsync(static run => run.Failure is not null)).Failure?.Detail,
            StringComparison.Ordinal
        );
        clock.Fails = false;
        var later = await RunAsync(static run => run.Failure is null);
        Assert.Null(later.Failure);
        Assert.NotEmpty(((ReaderRun<PoolPeaks>)later).Reading.Value.ByPool);
        await peaks.StopAsync(TestContext.Current.CancellationToken);
    }

    sealed class FailingClock : TimeProvider
    {
        public volatile bool Fails;

        public override DateTimeOffset GetUtcNow() =>
            Fails ? throw new InvalidOperationException("no time") : base.GetUtcNow();
    }

    [Fact]
    public async Task A_burst_between_two_scrapes_shows_for_a_minute()
    {
        var readers = KernelReaders.All(new ProcMount(_proc.Root), new Regex("openclaw"), 10, _proc.Root);
        using var peaks = new PoolPeaksReader(readers, _clock);
        var sampler = new Sampler(
            [.. readers.Where(static reader => reader.Name is "conntrack" or "file_nr"), peaks],
            _clock
        );
        async Task<double> PeakAsync()
        {
            var samples = MetricCatalogue
                .All.Single(static family => family.Name == "openclaw_network_pool_utilization_peak_ratio")
                .Read(Diagnosis.Judge(await sampler.SampleAsync(TimeSpan.FromSeconds(10))))
                .ToList();
            Assert.Equal(
                [
                    "conntrack_entries",
                    "orphan_sockets",
                    "system_file_descriptors",
                    "tcp_memory_bytes",
                    "time_wait_sockets",
                    "udp_memory_bytes",
                ],
                samples.Select(static sample => sample.Labels[0]).Order()
            );
            return samples.Single(static sample => sample.Labels is ["conntrack_entries", "self"]).Value;
        }

        await peaks.LookAsync();
        Assert.Equal(26 / 262144.0, await PeakAsync());

        _proc["sys/net/netfilter/nf_conntrack_count"] = "200000\n";
        _clock.Advance(TimeSpan.FromSeconds(1));
        await peaks.LookAsync();
        _proc["sys/net/netfilter/nf_conntrack_count"] = "30\n";
        _clock.Advance(TimeSpan.FromSeconds(1));
        await peaks.LookAsync();
        Assert.Equal(200000 / 262144.0, await PeakAsync());

        _clock.Advance(TimeSpan.FromSeconds(58));
        Assert.Equal(200000 / 262144.0, await PeakAsync());
        _clock.Advance(TimeSpan.FromSeconds(2));
        await peaks.LookAsync();
        Assert.Equal(30 / 262144.0, await PeakAsync());

        // The peak is never below the value in the same scrape.
        _proc["sys/net/netfilter/nf_conntrack_count"] = "40\n";
        Assert.Equal(40 / 262144.0, await PeakAsync());
    }
}
