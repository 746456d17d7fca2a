using Microsoft.Extensions.Logging.Abstractions;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Pools;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Tests;

public class CurrentExpositionTests
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task However_many_ask_the_kernel_is_asked_once()
    {
        var reader = new CountingReader();
        var current = new CurrentExposition(
            new Sampler([reader], TimeProvider.System), TimeSpan.FromHours(1), Diagnosis.NamespacesShown, static _ => { }, NullLogger<CurrentExposition>.Instance);

        var expositions = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => current.GetAsync(Timeout))));

        Assert.Equal(1, reader.Count);
        Assert.Single(expositions.Distinct());
        Assert.Same(expositions[0], await current.GetAsync(Timeout));
    }

    [Fact]
    public async Task An_age_of_zero_asks_every_time()
    {
        var reader = new CountingReader();
        var current = new CurrentExposition(
            new Sampler([reader], TimeProvider.System), TimeSpan.Zero, Diagnosis.NamespacesShown, static _ => { }, NullLogger<CurrentExposition>.Instance);

        var first = await current.GetAsync(Timeout);

        Assert.NotSame(first, await current.GetAsync(Timeout));
        Assert.Equal(2, reader.Count);
    }

    [Fact]
    public async Task A_reader_past_its_deadline_is_left_out_and_not_started_again_until_it_is_back()
    {
        using var release = new ManualResetEventSlim();
        var (stuck, quick) = (new StuckReader(release), new CountingReader());
        var sampler = new Sampler([stuck, quick], TimeProvider.System);

        for (var i = 1; i <= 2; i++)
        {
            var snapshot = await sampler.SampleAsync(TimeSpan.FromMilliseconds(300));
            Assert.Equal(Absence.TimedOut, snapshot.Get<string>().Missing?.Reason);
            Assert.Null(snapshot.Get<int>().Missing);
            Assert.Equal(i, quick.Count);
            Assert.Equal(1, stuck.Count);
        }

        release.Set();
        while ((await sampler.SampleAsync(Timeout)).Get<string>().Missing is not null)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        Assert.Equal(2, stuck.Count);
    }

    sealed class CountingReader() : Reader<int>("counting", "a count")
    {
        int _count;

        public int Count => _count;

        protected override Reading<int> Read(Sampling sampling)
        {
            Thread.Sleep(20);
            return Interlocked.Increment(ref _count);
        }
    }

    sealed class StuckReader(ManualResetEventSlim release) : Reader<string>("stuck", "an event")
    {
        int _count;

        public int Count => _count;

        protected override Reading<string> Read(Sampling sampling)
        {
            Interlocked.Increment(ref _count);
            release.Wait();
            return "back";
        }
    }
}
