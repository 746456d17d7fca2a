using OpenClaw.Exporter.Pools;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Procfs;

namespace OpenClaw.Exporter.Tests;

public class UtilizationHistoryTests
{
    const string Pool = "system_file_descriptors";

    static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static readonly PoolLevel Level = new(60, 100, "", []);

    readonly UtilizationHistory _history = new();

    [Fact]
    public void What_grows_evenly_is_full_when_the_line_says_so()
    {
        // One percent every 10 seconds, 60 % now: 40 steps are left.
        for (var step = 0; step <= 10; step++)
            Add(step * 10, 0.5 + (step * 0.01));

        var forecast = _history.ForecastOf(Pool);

        Assert.Equal(Growth.Growing, forecast.Growth);
        Assert.Equal(400, forecast.Left!.Value.TotalSeconds, 1.0);
        Assert.Equal("at the present rate it is full in 7 minutes", Verdicts.When(Level, forecast));
    }

    [Theory]
    [InlineData(3, 30)]
    [InlineData(10, 5)]
    public void Too_little_is_said_to_be_too_little(int points, int seconds)
    {
        for (var step = 0; step < points; step++)
            Add(step * seconds, 0.5 + (step * 0.01));

        Assert.Equal(new Forecast(Growth.TooEarlyToSay, null), _history.ForecastOf(Pool));
        Assert.Equal("too early to say when it is full", Verdicts.When(Level, _history.ForecastOf(Pool)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.01)]
    [InlineData(0.0000001)]
    public void What_stays_shrinks_or_takes_more_than_a_day_does_not_grow(double slope)
    {
        for (var step = 0; step <= 10; step++)
            Add(step * 10, 0.5 + (step * slope));

        Assert.Equal(new Forecast(Growth.NotGrowing, null), _history.ForecastOf(Pool));
    }

    [Fact]
    public void A_quarter_of_an_hour_is_kept_and_points_five_seconds_apart()
    {
        for (var second = 0; second <= 3600; second++)
            Add(second, 0.5);

        var points = _history.Of(Pool);

        Assert.Equal(900, points[0].Age);
        Assert.Equal(0, points[^1].Age);
        Assert.Equal((900 / 5) + 1, points.Count);
    }

    [Fact]
    public void A_pool_that_nobody_saw_has_no_history()
    {
        Add(0, 0.5);

        Assert.Empty(_history.Of("conntrack_entries"));
        Assert.Equal(Growth.TooEarlyToSay, _history.ForecastOf("conntrack_entries").Growth);
    }

    void Add(int second, double utilization)
    {
        var reader = new FunctionReader<FileNr>("file_nr", "", _ => new FileNr((long)(utilization * 1e9), (long)1e9));
        var sampling = new Sampling([reader], Deadline.After(TimeSpan.FromSeconds(1)));
        _history.Add(Diagnosis.Of(new Snapshot(Start.AddSeconds(second), [sampling.Run(reader)])));
    }
}
