using System.Text.RegularExpressions;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Pools;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Procfs;

namespace OpenClaw.Exporter.Tests;

public sealed class PoolPeakTests : IDisposable
{
    readonly FixtureProc _proc = new();
    readonly SteppedClock _clock = new();

    public void Dispose() => _proc.Dispose();

    [Fact]
    public async Task A_burst_between_two_scrapes_shows_for_a_minute()
    {
        var readers = KernelReaders.All(new ProcMount(_proc.Root), new Regex("openclaw"), 10, _proc.Root);
        using var peaks = new PoolPeaksReader(readers, _clock);
        var sampler = new Sampler([.. readers.Where(static reader => reader.Name is "conntrack" or "file_nr"), peaks], _clock);
        async Task<double> PeakAsync()
        {
            var samples = MetricCatalogue.All.Single(static family => family.Name == "openclaw_network_pool_utilization_peak_ratio")
                .Read(Diagnosis.Of(await sampler.SampleAsync(TimeSpan.FromSeconds(10)))).ToList();
            Assert.Equal(
                ["conntrack_entries", "orphan_sockets", "system_file_descriptors", "tcp_memory_bytes", "time_wait_sockets", "udp_memory_bytes"],
                samples.Select(static sample => sample.Labels[0]).Order());
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

        // Never below what the same scrape shows.
        _proc["sys/net/netfilter/nf_conntrack_count"] = "40\n";
        Assert.Equal(40 / 262144.0, await PeakAsync());
    }
}
