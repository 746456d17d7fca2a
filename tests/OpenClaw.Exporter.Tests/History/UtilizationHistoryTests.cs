using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

public class UtilizationHistoryTests
{
    static readonly Pool Pool = PoolCatalogue.SystemFileDescriptors;

    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static readonly PoolLevel Level = new(60, 100, WholeSubject.Only);

    Diagnosis? _latest;

    Timeline Timeline => _latest!.Timeline;

    [Fact]
    public void Even_growth_is_extrapolated_to_the_limit()
    {
        // The pool rises by 1 % every 10 seconds and is at 60 %, so 40 steps are left.
        for (var step = 0; step <= 10; step++)
            Add(step * 10, 0.5 + (step * 0.01));

        var forecast = ForecastOf();

        Assert.Equal(Growth.Growing, forecast.Growth);
        Assert.Equal(400, forecast.Left!.Value.TotalSeconds, 1.0);
        Assert.Equal("full in 7 minutes at the present rate", Verdicts.When(Pool, Level, forecast));
    }

    /// <summary>The line through a quarter of an hour still rises long after the level does not.</summary>
    [Fact]
    public void Growth_that_stopped_has_no_forecast()
    {
        for (var step = 0; step <= 30; step++)
            Add(step * 10, 0.5 + (step * 0.01));
        Assert.Equal(Growth.Growing, ForecastOf().Growth);

        for (var step = 1; step <= 4; step++)
            Add(300 + (step * 10), 0.8);

        Assert.Equal(Growth.NotGrowing, ForecastOf().Growth);
        Assert.Equal("steady", Verdicts.When(Pool, Level, ForecastOf()));
    }

    /// <summary>Between two rises it is not known yet that there will be no more.</summary>
    [Fact]
    public void Growth_in_rare_steps_keeps_its_forecast_between_them()
    {
        for (var step = 0; step <= 60; step++)
        {
            Add(step * 15, 0.5 + (step / 4 * 0.01));
            if (step > 12)
                Assert.Equal(Growth.Growing, ForecastOf().Growth);
        }
    }

    [Theory]
    [InlineData(3, 30)]
    [InlineData(10, 5)]
    public void Too_little_is_said_to_be_too_little(int points, int seconds)
    {
        for (var step = 0; step < points; step++)
            Add(step * seconds, 0.5 + (step * 0.01));

        Assert.Equal(new Forecast(Growth.TooEarlyToSay, null), ForecastOf());
        Assert.Equal("too early to tell", Verdicts.When(Pool, Level, ForecastOf()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.01)]
    [InlineData(0.0000001)]
    public void Steady_shrinking_and_very_slow_use_has_no_forecast(double slope)
    {
        for (var step = 0; step <= 10; step++)
            Add(step * 10, 0.5 + (step * slope));

        Assert.Equal(new Forecast(Growth.NotGrowing, null), ForecastOf());
    }

    [Fact]
    public void A_quarter_of_an_hour_is_kept_and_points_five_seconds_apart()
    {
        for (var second = 0; second <= 3600; second++)
            Add(second, 0.5);

        var points = Timeline.PointsOf(Pool);

        Assert.Equal(900, points[0].Age);
        Assert.Equal(0, points[^1].Age);
        Assert.Equal((900 / 5) + 1, points.Count);
    }

    [Fact]
    public void A_pool_that_nobody_saw_has_no_history()
    {
        Add(0, 0.5);

        Assert.Empty(Timeline.PointsOf(PoolCatalogue.ConntrackEntries));
    }

    /// <summary>Random noise is no trend, however long it is observed.</summary>
    [Theory]
    [InlineData(0.01, 5)]
    [InlineData(0.01, 15)]
    [InlineData(0.001, 15)]
    public void Noise_does_not_grow(double noise, int interval)
    {
        var random = new Random(4711);
        var told = 0;
        for (var step = 0; step < 2000; step++)
        {
            Add(step * interval, 0.9 + (noise * ((2 * random.NextDouble()) - 1)));
            told += ForecastOf().Growth == Growth.Growing ? 1 : 0;
        }

        Assert.InRange(told, 0, 2);
    }

    [Fact]
    public void Growth_is_found_despite_noise()
    {
        var random = new Random(4711);
        for (var step = 0; step <= 60; step++)
            Add(step * 15, 0.5 + (step * 0.003) + (0.01 * random.NextDouble()));

        Assert.Equal(1600, ForecastOf().Left!.Value.TotalSeconds, 160.0);
    }

    [Fact]
    public void Orphans_run_out_at_half_of_their_limit()
    {
        Diagnosis last = null!;
        for (var step = 0; step <= 10; step++)
        {
            var orphans = 300 + (step * 10L);
            ImmutableArray<Reader> readers =
            [
                new FunctionReader<Sockstat>("sockstat", "", _ => new Sockstat(0, 0, 0, 0, orphans, 0, 0)),
                new FunctionReader<SocketLimits>("socket_limits", "", static _ => new SocketLimits(
                    1000,
                    1000,
                    1000,
                    1000
                )),
            ];
            last = Add(readers.SnapshotHere(Start.AddSeconds(step * 10)));
        }

        // 400 of 1000 are used, and ten more every ten seconds.
        Assert.Equal(
            100,
            ForecastOf(
                last.Findings.First(static finding => finding.Pool == PoolCatalogue.OrphanSockets)
            ).Left!.Value.TotalSeconds,
            1.0
        );
    }

    /// <summary>The kernel resets orphans above half the limit, so nothing is left to grow there.</summary>
    [Theory]
    [InlineData(Growth.Growing, 0)]
    [InlineData(Growth.NotGrowing, null)]
    [InlineData(Growth.TooEarlyToSay, null)]
    internal void A_pool_that_is_past_its_end_is_full_now(Growth growth, int? seconds)
    {
        var level = new PoolLevel(700, 1000, WholeSubject.Only);
        var forecast = new Forecast(growth, seconds is { } left ? TimeSpan.FromSeconds(left) : null);

        Assert.Equal("full now", Verdicts.When(PoolCatalogue.OrphanSockets, level, forecast));
    }

    /// <summary>The line of a pool ends at its last reading, and readings outside the chart are dropped.</summary>
    [Fact]
    public void A_pool_that_was_not_read_for_an_hour_has_no_course()
    {
        Add(0, 0.5);
        Add(10, 0.6);
        Add(new Snapshot(Start.AddMinutes(5), []));

        Assert.Equal([300.0, 290], Timeline.PointsOf(Pool).Select(static point => point.Age));

        Add(new Snapshot(Start.AddHours(1), []));

        Assert.Empty(Timeline.PointsOf(Pool));
    }

    [Fact]
    public void A_clock_that_is_set_back_begins_anew()
    {
        for (var step = 0; step <= 10; step++)
            Add(7200 + (step * 10), 0.5 + (step * 0.01));
        for (var step = 0; step <= 10; step++)
            Add(step * 10, 0.5);

        Assert.Equal(Growth.NotGrowing, ForecastOf().Growth);
        Assert.Equal(11, Timeline.PointsOf(Pool).Count);
    }

    [Fact]
    public void A_steady_process_is_not_told_that_it_is_full_when_another_is()
    {
        Diagnosis last = null!;
        for (var step = 0; step <= 10; step++)
        {
            var open = 500 + (step * 10L);
            var processes = new FunctionReader<ProcessTable>("processes", "", _ => new ProcessTable([
                new(1, "leaky", true, open, new ProcessLimits(1000, 1000)),
                new(2, "steady", true, 400L, new ProcessLimits(1000, 1000)),
            ]));
            last = Add(new Snapshot(Start.AddSeconds(step * 10), [processes.RunHere()]));
        }

        Forecast ForecastFor(string process) =>
            ForecastOf(last.Findings.Single(finding => finding.Level.Subject == process));
        Assert.Equal(Growth.Growing, ForecastFor("leaky").Growth);
        Assert.Equal(new Forecast(Growth.NotGrowing, null), ForecastFor("steady"));
        Assert.Equal(
            "not_growing",
            DiagnosisDocument.From(last).Pools.Single(static pool => pool.Subject == "steady").Forecast.Growth
        );
    }

    Forecast ForecastOf() => ForecastOf(_latest!.Findings.First(static finding => finding.Pool == Pool));

    Forecast ForecastOf(Finding finding) => Timeline.ForecastOf(finding.Pool, finding.Level);

    void Add(int second, double utilization)
    {
        var reader = new FunctionReader<FileNr>("file_nr", "", _ => new FileNr((long)(utilization * 1e9), (long)1e9));
        Add(new Snapshot(Start.AddSeconds(second), [reader.RunHere()]));
    }

    Diagnosis Add(Snapshot snapshot) => _latest = Diagnosis.Judge(snapshot, earlier: _latest?.Timeline);
}
