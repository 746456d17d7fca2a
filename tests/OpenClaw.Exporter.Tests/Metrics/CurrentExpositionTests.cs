using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class CurrentExpositionTests
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Many_scrapers_cause_a_single_reading()
    {
        var reader = new CountingReader();
        var current = Current(TimeSpan.FromHours(1), reader);

        var expositions = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(_ => Task.Run(() => current.GetAsync(Timeout)))
        );

        Assert.Equal(1, reader.Count);
        Assert.Single(expositions.Distinct());
        Assert.Same(expositions[0], await current.GetAsync(Timeout));
    }

    [Fact]
    public async Task An_age_of_zero_asks_every_time()
    {
        var reader = new CountingReader();
        var current = Current(TimeSpan.Zero, reader);

        var first = await current.GetAsync(Timeout);

        Assert.NotSame(first, await current.GetAsync(Timeout));
        Assert.Equal(2, reader.Count);
    }

    /// <summary>A caller with a short timeout gets a partial result; the others get a whole one.</summary>
    [Fact]
    public async Task A_caller_in_a_hurry_costs_the_others_nothing()
    {
        using var release = new ManualResetEventSlim();
        var reader = new StuckReader(release);
        var current = Current(TimeSpan.FromHours(1), reader);

        var hurried = await current.GetAsync(TimeSpan.FromMilliseconds(1));
        release.Set();
        var patient = await current.GetAsync(Timeout);

        Assert.Equal(Absence.TimedOut, hurried.Diagnosis.Snapshot.Get<string>().Missing?.Reason);
        Assert.Equal("back", patient.Diagnosis.Snapshot.Get<string>().Value);
        Assert.Equal(1, reader.Count);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_allowed_for_a_reader_that_hangs()
    {
        using var release = new ManualResetEventSlim();
        var stuck = new StuckReader(release) { Cost = ReaderCost.Large, Patience = TimeSpan.MaxValue };
        var quick = new CountingReader();
        var current = Current(TimeSpan.Zero, stuck, quick);

        var patient = current.GetAsync(Timeout);
        var waiting = Stopwatch.StartNew();
        var hurried = await current.GetAsync(TimeSpan.FromMilliseconds(500));

        Assert.InRange(waiting.Elapsed, TimeSpan.FromSeconds(0.4), TimeSpan.FromSeconds(5));
        Assert.Equal(Absence.TimedOut, hurried.Diagnosis.Snapshot.Get<string>().Missing?.Reason);
        Assert.Equal(1, hurried.Diagnosis.Snapshot.Get<int>().Value);
        Assert.False(patient.IsCompleted);
        release.Set();
        Assert.Equal("back", (await patient).Diagnosis.Snapshot.Get<string>().Value);
        Assert.Equal((1, 1), (stuck.Count, quick.Count));
    }

    /// <summary>
    /// Background snapshots are taken without a scrape, and an exception in one does not stop the next.
    /// </summary>
    [Fact]
    public async Task When_nobody_asks_snapshots_are_made_all_the_same()
    {
        var logged = 0;
        var reader = new CountingReader();
        var mistaken = new FunctionReader<string>("mistaken", "", static _ => throw new InvalidOperationException());
        var current = Current(TimeSpan.Zero, LogOfMistakes(), reader, mistaken);
        using var unasked = Unasked(current, TimeSpan.FromMilliseconds(50));

        await unasked.StartAsync(CancellationToken.None);
        using var patience = new CancellationTokenSource(Timeout);
        while (Volatile.Read(ref logged) < 4)
            await Task.Delay(10, patience.Token);
        await unasked.StopAsync(CancellationToken.None);

        Assert.True(unasked.ExecuteTask!.IsCompletedSuccessfully);

        // A snapshot that has begun may end after the stop.
        await Task.Delay(200, TestContext.Current.CancellationToken);
        var count = reader.Count;
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.Equal(count, reader.Count);

        // Each snapshot logs the reader's mistake, and the second one fails there.
        CallbackLog LogOfMistakes() =>
            new(level => Assert.NotEqual(2, level == LogLevel.Debug ? Interlocked.Increment(ref logged) : 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3600)]
    public async Task While_somebody_asks_no_others_are_made(int maxAge)
    {
        var reader = new CountingReader();
        var current = Current(TimeSpan.FromSeconds(maxAge), reader);
        using var unasked = Unasked(current, TimeSpan.FromSeconds(2));

        // With a maximum age a cached snapshot is served again, also to the background loop.
        await unasked.StartAsync(CancellationToken.None);
        for (var i = 0; i < 25; i++)
        {
            _ = await current.GetAsync(Timeout);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await unasked.StopAsync(CancellationToken.None);
        Assert.Equal(maxAge == 0 ? 25 : 1, reader.Count);
    }

    [Fact]
    public async Task A_rise_soon_after_another_one_is_not_forgotten()
    {
        var reader = new CountingReader();
        var current = Current(TimeSpan.Zero, reader);
        var rises = new Queue<Task>([Task.CompletedTask, Task.CompletedTask]);
        using var unasked = new UnaskedSnapshots(
            current,
            TimeSpan.FromHours(1),
            NullLogger<UnaskedSnapshots>.Instance,
            () => rises.TryDequeue(out var rise) ? rise : new TaskCompletionSource().Task
        );
        await unasked.StartAsync(TestContext.Current.CancellationToken);

        await Polling.UntilAsync("there are two snapshots", () => Task.FromResult(reader.Count == 2));
        await unasked.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(null, 5)]
    [InlineData("soon", 5)]
    [InlineData("-1", 5)]
    [InlineData("NaN", 5)]
    [InlineData("0.001", 0.0005)]
    [InlineData("4", 3.5)]
    [InlineData("10", 9.5)]
    [InlineData("7200", 10)]
    [InlineData("1e300", 10)]
    public void A_scraper_waits_as_long_as_it_says_and_never_long(string? header, double seconds)
    {
        var request = new DefaultHttpContext().Request;
        if (header is not null)
            request.Headers["X-Prometheus-Scrape-Timeout-Seconds"] = header;

        Assert.Equal(TimeSpan.FromSeconds(seconds), MetricsEndpoint.Timeout(request));
    }

    [Fact]
    public async Task A_reader_past_its_deadline_is_left_out_and_not_started_again_until_it_is_back()
    {
        using var release = new ManualResetEventSlim();
        var (stuck, quick) = (new StuckReader(release), new CountingReader());
        var sampler = new Sampler([stuck, quick], TimeProvider.System);

        for (var i = 1; i <= 2; i++)
        {
            var waiting = Stopwatch.StartNew();
            var snapshot = await sampler.SampleAsync(i == 1 ? TimeSpan.FromMilliseconds(300) : Timeout);
            Assert.True(waiting.Elapsed < Timeout, "a reader that is late already is waited for");
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

    static CurrentExposition Current(TimeSpan maxAge, params Reader[] readers) =>
        Current(maxAge, NullLogger<CurrentExposition>.Instance, readers);

    static CurrentExposition Current(TimeSpan maxAge, ILogger<CurrentExposition> log, params Reader[] readers) =>
        new(new Sampler([.. readers], TimeProvider.System), maxAge, Diagnosis.NamespacesShown, log);

    static UnaskedSnapshots Unasked(CurrentExposition current, TimeSpan interval) =>
        new(current, interval, NullLogger<UnaskedSnapshots>.Instance);

    /// <summary>A log that calls back for each line.</summary>
    sealed class CallbackLog(Action<LogLevel> logged) : ILogger<CurrentExposition>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => logged(logLevel);
    }

    sealed class CountingReader() : Reader<int>("counting", "a count")
    {
        int _count;

        public int Count => _count;

        protected override Reading<int> Read(SamplingPass sampling)
        {
            Thread.Sleep(20);
            return Interlocked.Increment(ref _count);
        }
    }

    sealed class StuckReader(ManualResetEventSlim release) : Reader<string>("stuck", "an event")
    {
        int _count;

        public int Count => _count;

        protected override Reading<string> Read(SamplingPass sampling)
        {
            Interlocked.Increment(ref _count);
            release.Wait();
            return "back";
        }
    }
}
